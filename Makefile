# make demo   builds everything and starts a region of nodes in a browser
# make test   installs what the tests need and runs all of them
# make check  the whole gate, which CI runs
GO      ?= go
BIN     := bin/lintas
ASSETS  := internal/web/assets
DIST    := $(ASSETS)/dist/.built
DEMO    ?= .demo
DATA    ?= ../shared/data
RACE    := ./internal/clock ./internal/exchange/... ./internal/history ./internal/node ./internal/region/... ./internal/web/live ./internal/people
export CGO_ENABLED ?= 0

.PHONY: all build demo demo-fresh test check vet staticcheck race generated generate bench bench-r fuzz newdesk browser clean FORCE

all: build

build: $(BIN)

$(BIN): $(DIST) FORCE
	$(GO) build -trimpath -ldflags="-s -w" -o $(BIN) ./cmd/lintas

FORCE:

# Fonts, icons and htmx come from npm at build time; they are not committed.
$(DIST): $(ASSETS)/package-lock.json $(wildcard $(ASSETS)/build/*.go)
	cd $(ASSETS) && npm ci --ignore-scripts --no-audit --no-fund
	$(GO) run ./$(ASSETS)/build
	touch $@

demo: build
	$(BIN) demo --dir $(DEMO) --data $(DATA)

demo-fresh: build
	$(BIN) demo --dir $(DEMO) --data $(DATA) --fresh

# The tests that need PostgreSQL or a browser run here and are never skipped.
test: build
	./scripts/need.sh postgresql chromium xmllint
	LINTAS_REQUIRE_POSTGRES=1 LINTAS_REQUIRE_TOOLS=1 $(GO) test ./...
	$(MAKE) browser

browser: build
	cd test/browser && npm ci --ignore-scripts --no-audit --no-fund && LINTAS=../../$(BIN) node --test --test-concurrency=1

check: generated vet staticcheck test race

vet:
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	$(GO) vet ./...

staticcheck:
	$(GO) tool staticcheck ./...

race:
	./scripts/need.sh gcc
	CGO_ENABLED=1 $(GO) test -race -short -count=1 $(RACE)

generate:
	$(GO) tool templ generate -path internal
	LINTAS_WRITE=1 $(GO) test -count=1 -run 'Current|Documented' ./internal/api ./internal/desk/... ./internal/node

# What is generated must be what its sources say.
generated:
	$(GO) tool templ generate -path internal
	test -z "$$(git status --porcelain -- '*_templ.go')" || { git status --short -- '*_templ.go'; echo "generated files are not current: run make generate and commit"; exit 1; }

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./outbreak ./internal/...

# Beside R, where Debian has it.
bench-r:
	./scripts/bench-r.sh

FUZZTIME ?= 20s
fuzz:
	./scripts/fuzz.sh $(FUZZTIME)

newdesk:
	@test -n "$(NAME)" || { echo "usage: make newdesk NAME=plans"; exit 2; }
	./scripts/newdesk.sh $(NAME)

clean:
	rm -rf bin $(ASSETS)/dist/* $(ASSETS)/node_modules test/browser/node_modules
