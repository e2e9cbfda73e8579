package handlers

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/voxwarden/voxwarden/internal/access"
	"github.com/voxwarden/voxwarden/internal/directory"
)

// writeCSV answers with a table as a file.
func writeCSV(w http.ResponseWriter, name string, lines [][]string) error {
	var body bytes.Buffer
	table := csv.NewWriter(&body)
	table.UseCRLF = true
	if err := table.WriteAll(lines); err != nil {
		return fmt.Errorf("writing a table: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	_, _ = w.Write(body.Bytes()) // the browser may have gone
	return nil
}

// exportFilename names the file. A list of one role lacks those whose roles the vendor did not tell.
func exportFilename(what string, account int64, s directory.Status, byRole bool) string {
	name := fmt.Sprintf("%s-%d-%s", what, account, s.AsOf.UTC().Format("20060102T150405Z"))
	if s.Incomplete || byRole && s.RolesUnknown > 0 {
		name += "-incomplete"
	}
	return name + ".csv"
}

func joinRoles(roles []access.RoleAssignment, direct bool) string {
	var names []string
	for _, role := range roles {
		if role.Direct == direct {
			names = append(names, role.Name)
		}
	}
	return strings.Join(names, "; ")
}
