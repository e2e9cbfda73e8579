package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// completeSBOM adds the licences and the packages from npm to a list of components in CycloneDX's JSON. The list was
// made from the program, so it has the Go modules only. It returns an error if a component is not in the table.
func completeSBOM(root, path string) error {
	parts, err := partsOf(root)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the SBOM: %w", err)
	}
	var document map[string]any
	if err := json.Unmarshal(data, &document); err != nil {
		return fmt.Errorf("reading the SBOM: %w", err)
	}
	program, _ := document["metadata"].(map[string]any)["component"].(map[string]any)
	program["licenses"] = licenseList("Apache-2.0")
	components, _ := document["components"].([]any)
	for _, c := range components {
		component, _ := c.(map[string]any)
		at := slices.IndexFunc(parts, func(p part) bool { return p.Name == component["name"] })
		if at < 0 {
			return fmt.Errorf("the SBOM has the component %v, which is not in the table", component["name"])
		}
		component["licenses"] = licenseList(parts[at].SPDX)
	}
	dependencies, _ := document["dependencies"].([]any)
	for _, p := range parts {
		if p.Source != "npm" {
			continue
		}
		reference := "pkg:npm/" + p.Name + "@" + p.version
		components = append(components, map[string]any{
			"bom-ref":  reference,
			"type":     "library",
			"name":     p.Name,
			"version":  p.version,
			"scope":    "required",
			"purl":     reference,
			"licenses": licenseList(p.SPDX),
		})
		for _, d := range dependencies {
			if of, _ := d.(map[string]any); of["ref"] == program["bom-ref"] {
				direct, _ := of["dependsOn"].([]any)
				of["dependsOn"] = append(direct, reference)
			}
		}
		dependencies = append(dependencies, map[string]any{"ref": reference})
	}
	document["components"], document["dependencies"] = components, dependencies
	data, err = json.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the SBOM: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o644); err != nil { //nolint:gosec // not a secret
		return fmt.Errorf("writing the SBOM: %w", err)
	}
	return nil
}

// licenseList returns a licence in the form of CycloneDX.
func licenseList(spdx string) []any {
	if strings.Contains(spdx, " ") {
		return []any{map[string]any{"expression": spdx}}
	}
	return []any{map[string]any{"license": map[string]any{"id": spdx}}}
}
