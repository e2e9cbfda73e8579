# Voxwarden. `make help` lists what there is.

GO ?= go
NPM ?= npm
LISTEN ?= 127.0.0.1:8080
LDFLAGS = -s -w
HTMX = static/lib/htmx.min.js
BROWSER = ./cmd/gallery ./internal/suites/browser
OTHERS = $(shell $(GO) list ./... | grep -v -e /cmd/gallery$$ -e /internal/suites/browser$$)

.DEFAULT_GOAL := help
.PHONY: help run dev build assets generate test check bench shots gallery needs

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: assets ## the console in demo on http://127.0.0.1:8080, the simulated vendor inside
	$(GO) build -o bin/server ./cmd/server
	bin/server -demo -listen $(LISTEN)

dev: assets ## make run with live reload on http://127.0.0.1:7331
	$(GO) tool templ generate --watch --proxy="http://$(LISTEN)" --cmd="$(GO) run ./cmd/server -demo -listen $(LISTEN)"

build: assets ## the static binary bin/server
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/server ./cmd/server

assets: $(HTMX) ## front-end packages from npm, copied to static/lib

$(HTMX): node_modules/.package-lock.json
	cp node_modules/htmx.org/dist/htmx.min.js $@
	touch $@

node_modules/.package-lock.json: package.json package-lock.json
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	touch $@

generate: ## *_templ.go from *.templ
	$(GO) tool templ generate

# Chromium wants the machine for itself: its packages run after the others, one at a time, and not a second time
# under the race detector. -short takes each fault and each variant once there instead of each with each, and the first
# race ends its package, so that its report is the last thing printed.
test: assets needs ## everything that must hold, the browser included
	$(GO) test -shuffle=on -timeout 40m $(OTHERS)
	$(GO) test -shuffle=on -timeout 40m -p 1 $(BROWSER)
	GORACE=halt_on_error=1 $(GO) test -race -short -shuffle=on -timeout 40m $(OTHERS)

check: ## format, generated code, go.mod, vet, staticcheck
	scripts/check.sh

bench: assets ## the numbers to hold, as ratios to a baseline of the same run
	$(GO) test -count=1 -run "^$$" -bench Budget -benchtime 1x ./internal/suites/bench

gallery: assets ## every page in every state on http://127.0.0.1:8081
	$(GO) run ./cmd/gallery

shots: assets needs ## screenshots of the gallery, in shots/, and the README's pictures
	$(GO) run ./cmd/gallery -shots shots
	$(GO) run ./cmd/gallery -pictures docs/pictures

needs: # what the tests need and may be installed here
	@scripts/needs.sh
