# Voxwarden. "make help" lists the targets. Development is for Linux.

GO ?= go
NPM ?= npm
LISTEN ?= 127.0.0.1:8080
# The version of a release, such as 1.2.3. Without it, the program names its commit.
VERSION ?=
LDFLAGS = -s -w $(if $(VERSION),-X main.release=$(VERSION))
HTMX = static/lib/htmx.min.js
HTMX_LICENSE = internal/licenses/lib/htmx.org.txt

# The packages that start Chromium. They run after the others and one at a time: two browsers on one machine make each
# other's waits time out.
BROWSER = ./cmd/gallery ./internal/suites/browser

# The packages that start goroutines or guard state with locks, in their code or in their tests. The race detector finds
# nothing in packages of pure functions and templates. "make test" runs these once, with the detector, which costs less
# than a second pass.
RACE = ./cmd/server ./internal/audit ./internal/directory ./internal/handlers ./internal/identity ./internal/lifecycle \
  ./internal/logqueue ./internal/session ./internal/store ./internal/testkit/app ./internal/voxapi ./internal/voxsim
# These try so many combinations that the detector would take longer than a second pass: "make test" runs them whole
# without it, and a sample (-short) with it.
RACE_SAMPLE = ./internal/operations
# The same, but the sample leaves out PostgreSQL, which takes most of their time without the detector already.
RACE_SAMPLE_SQLITE = ./internal/bulk ./internal/drift

OTHERS = $(filter-out $(BROWSER),$(patsubst github.com/voxwarden/voxwarden/%,./%,$(shell $(GO) list ./...)))

# The test binaries write their files to memory where that is possible; Go's own work folder stays on the disk. Their
# heaps are small, so that collecting garbage less often saves a tenth of the processor time.
TEST = GOTMPDIR=$${TMPDIR:-/tmp} TMPDIR=$$(scripts/test-tmp.sh) GOGC=400 $(GO) test

.DEFAULT_GOAL := help
.PHONY: help run dev build release-snapshot assets licenses generate quick test soak check bench shots gallery needs

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: assets ## run the console with a simulated vendor on http://127.0.0.1:8080
	$(GO) build -o bin/server ./cmd/server
	bin/server -demo -listen $(LISTEN)

dev: assets ## the same with live reload on http://127.0.0.1:7331; keeps its database and sessions in .dev
	@GO="$(GO)" LISTEN="$(LISTEN)" scripts/dev.sh

build: assets licenses ## build the static binary bin/server
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/server ./cmd/server

# Tools of the release. "go run" checks them against the checksum database, and builds them once.
GORELEASER = $(GO) run github.com/goreleaser/goreleaser/v2@v2.15.1

release-snapshot: ## build archives, deb, rpm, SBOMs and checksums in dist, as a release does, without images
	$(if $(VERSION),VERSION=$(VERSION)) $(GORELEASER) release --snapshot --clean --skip=docker
	@scripts/list-release.sh

assets: $(HTMX) $(HTMX_LICENSE) ## install the front-end packages and copy them to static/lib

$(HTMX): node_modules/.package-lock.json
	cp node_modules/htmx.org/dist/htmx.min.js $@
	touch $@

$(HTMX_LICENSE): node_modules/.package-lock.json
	cp node_modules/htmx.org/LICENSE $@
	touch $@

licenses: $(HTMX_LICENSE) # collect the licences of all components; a part of make build
	$(GO) run ./internal/licenses/generate

node_modules/.package-lock.json: package.json package-lock.json
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	touch $@

generate: ## write *_templ.go from *.templ
	$(GO) tool templ generate

quick: assets ## test without Chromium and PostgreSQL; unchanged packages come from the cache
	SQLITE_ONLY=true $(TEST) -short $(OTHERS)

# -shuffle=on turns the test cache off. "make check" runs vet.
TEST_ALL = $(TEST) -vet=off -shuffle=on -timeout 40m
# SQLite's code, translated from C, is not instrumented: a race in it is not ours, and the tests would take three times as
# long. The first race ends its package, so that its report is the last thing printed.
RACE_TEST = GORACE=halt_on_error=1 $(TEST_ALL) -race -gcflags=modernc.org/sqlite/lib=-race=false \
  -gcflags=modernc.org/libc=-race=false

test: assets needs ## test everything, with Chromium, PostgreSQL, nginx, HAProxy and the race detector
	$(TEST_ALL) $(filter-out $(RACE),$(OTHERS))
	$(TEST_ALL) -p 1 $(BROWSER)
	$(RACE_TEST) $(RACE)
	$(RACE_TEST) -short $(RACE_SAMPLE)
	SQLITE_ONLY=true $(RACE_TEST) -short $(RACE_SAMPLE_SQLITE)

# See "What is sampled" in CONTRIBUTING.md.
soak: assets needs ## test every combination that "make test" samples; takes hours
	$(TEST) -count=1 -timeout 6h ./internal/operations -every 1 -seeds 300
	$(TEST) -count=1 -timeout 2h ./internal/suites/kill -kills 500 -reconcile
	$(TEST) -count=1 -timeout 1h -v ./internal/suites/faults -all
	$(TEST) -count=1 -timeout 1h ./internal/bulk ./internal/drift -all

check: ## check format, width of lines, generated code and go.mod; run vet and the linters
	scripts/check.sh

bench: assets ## measure the budgets, as ratios to a baseline of the same run; BEFORE=PATH compares an earlier server
	$(GO) test -count=1 -timeout 30m -run Budget -bench Budget -benchtime 1x ./internal/suites/bench \
		$(if $(BEFORE),-before "$(abspath $(BEFORE))")

gallery: assets ## show every page in every state on http://127.0.0.1:8081
	$(GO) run ./cmd/gallery

shots: assets needs ## take screenshots of the gallery, in shots/, and the README's pictures
	$(GO) run ./cmd/gallery -shots shots
	$(GO) run ./cmd/gallery -pictures docs/pictures

needs: # install or name the programs that the tests need
	@scripts/needs.sh
