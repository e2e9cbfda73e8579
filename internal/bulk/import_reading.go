package bulk

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// ImportFile is a file of new subusers, and what an operator decided about how it is read.
type ImportFile struct {
	Content   []byte
	ID        string      // of a stored file, see ReadingDoubt; "" takes Content
	Encoding  Encoding    // "" detects it
	Separator string      // a character; "" or one that is not offered detects it
	Columns   []ColumnUse // by position; nil takes the column names
	Ask       bool        // returns a *ReadingDoubt also where nothing is doubtful, unless Columns are set
}

// ColumnUse is what a column of the file is used for.
type ColumnUse string

// The uses of a column.
const (
	UnusedColumn      ColumnUse = ""
	LoginColumn       ColumnUse = "login"
	DescriptionColumn ColumnUse = "description"
	RolesColumn       ColumnUse = "roles"
)

// ColumnUses returns all uses.
func ColumnUses() []ColumnUse {
	return []ColumnUse{UnusedColumn, LoginColumn, DescriptionColumn, RolesColumn}
}

// FileReading is how a file was read.
type FileReading struct {
	Encoding  Encoding
	Separator string // a character
	Columns   []FileColumn
	Rows      [][]string // the first ones, and some with letters that depend on the encoding; their starts only
	Doubts    []string   // sentences about what an operator has to decide
}

// FileColumn is a column of a file.
type FileColumn struct {
	Name string // its start, as the file has it
	Use  ColumnUse
}

// ReadingDoubt is the error for a file that an operator has to explain. The file is stored under FileID for up to an
// hour, for the operator that uploaded it. Nothing else was stored.
type ReadingDoubt struct {
	Reading FileReading
	Lines   LineCounts
	FileID  string
}

// LineCounts are the numbers of lines of a file, below the column names.
type LineCounts struct {
	All      int
	Unread   int      // cannot be read
	Problems []string // sentences about the first of those
}

// Error implements error.
func (*ReadingDoubt) Error() string { return "it is not clear how the file is read" }

// The limits of FileReading.Rows.
const (
	maxFirstRows     = 3
	maxShownRows     = 6
	maxShownProblems = 5
	// maxShownCells is the number of characters of a row, which all cells share.
	maxShownCells = 600
)

// add counts a line, and adds its problem to Problems if it is one of the first.
func (c *LineCounts) add(problem string) {
	c.All++
	if problem == "" {
		return
	}
	c.Unread++
	if len(c.Problems) < maxShownProblems {
		c.Problems = append(c.Problems, problem)
	}
}

// addRow adds a line to Rows, if it is one of the first, or its letters depend on the encoding.
func (r *FileReading) addRow(cells []string, columns int) {
	isASCII := func(cell string) bool {
		return !strings.ContainsFunc(cell, func(c rune) bool { return c >= utf8.RuneSelf })
	}
	if len(r.Rows) == maxShownRows || len(r.Rows) >= maxFirstRows && !slices.ContainsFunc(cells, func(cell string) bool {
		return !isASCII(cell)
	}) {
		return
	}
	row := make([]string, columns)
	for i := range min(columns, len(cells)) {
		row[i] = clipTo(visible(cells[i]), min(maxQuoted, maxShownCells/columns))
	}
	r.Rows = append(r.Rows, row)
}

// doubt returns a *ReadingDoubt when an operator has to decide how the file is read.
func (t importTable) doubt(file ImportFile) error {
	if file.Columns == nil {
		if file.Encoding == "" && t.reading.Encoding.isGuess() {
			t.reading.Doubts = append(t.reading.Doubts, "The file does not state its encoding. Check the letters below.")
		}
		if len(t.ignoredColumns) > 0 && !t.hasRoles {
			t.reading.Doubts = append(t.reading.Doubts, "No column is called roles.")
		}
	}
	if len(t.reading.Doubts) > 0 || file.Ask && file.Columns == nil {
		return &ReadingDoubt{Reading: t.reading, Lines: t.lines}
	}
	return nil
}

// columnProblems returns sentences about columns that an operator chose.
func columnProblems(columns []ColumnUse, inFile int) []string {
	if len(columns) != inFile {
		return []string{"The file has other columns now. Choose them again."}
	}
	var problems []string
	count := map[ColumnUse]int{}
	for _, use := range columns {
		count[use]++
	}
	if count[LoginColumn] == 0 {
		problems = append(problems, "Choose the column of the logins.")
	}
	for _, use := range []ColumnUse{LoginColumn, DescriptionColumn, RolesColumn} {
		if count[use] > 1 {
			problems = append(problems, "Choose one column only for "+string(use)+".")
		}
	}
	return problems
}
