package ui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/a-h/templ"
)

// Drawn keeps what Once draws. The zero value keeps nothing yet. It is safe for concurrent use.
type Drawn struct{ parts sync.Map } // of strings by name

// WithDrawn returns a context in which Once keeps what it draws. All contexts with the same Drawn have the same base.
func WithDrawn(ctx context.Context, drawn *Drawn) context.Context {
	return context.WithValue(ctx, drawnKey, drawn)
}

// Once draws a part that is the same on each page of a console, such as a closed dialog: it may depend on its name and
// on the base, and on nothing else. With a Drawn in the context the part is drawn when it is first needed, and kept.
func Once(name string, part templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		drawn, found := ctx.Value(drawnKey).(*Drawn)
		if !found {
			return part.Render(ctx, w)
		}
		kept, found := drawn.parts.Load(name)
		if !found {
			var html bytes.Buffer
			if err := part.Render(ctx, &html); err != nil {
				return fmt.Errorf("drawing %q: %w", name, err)
			}
			kept, _ = drawn.parts.LoadOrStore(name, html.String())
		}
		_, err := io.WriteString(w, kept.(string))
		return err
	})
}
