package bench

import (
	"os"
	"testing"

	"github.com/voxwarden/voxwarden/internal/testkit/process"
)

func TestMain(m *testing.M) { os.Exit(process.Main(m)) }
