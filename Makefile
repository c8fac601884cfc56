# The only commands anyone needs. `make` alone lists them.

DATA      ?= ./data
HTTP_PORT ?= 8080
GRPC_PORT ?= 8081
SIP_PORT  ?= 5060
RTP_PORTS ?= 20000-29999
# Where Postgres, NATS and the tools of the tests are installed, beside nothing of the system's.
PARTS     ?= $(HOME)/.cache/switchboard/parts
export SWITCHBOARD_PARTS := $(PARTS)

SERVICES := directory ivr router crm analytics gateway ingress-voice ingress-chat
WEB      := crates/gateway/web crates/ingress-chat/widget
INSTALL  := deploy/tools/install.sh $(PARTS)
PORTS    := --http-port $(HTTP_PORT) --grpc-port $(GRPC_PORT) --sip-port $(SIP_PORT) --rtp-ports $(RTP_PORTS)
UP       := target/quick/switchboard up --demo $(PORTS)

.DEFAULT_GOAL := help
.PRECIOUS: %/node_modules/.package-lock.json
.PHONY: help run demo test lint e2e bench sim web images deploy clean install-run install-test install-lint switchboard

help: ## this list
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 16
	@echo "  Variables of run: DATA=$(DATA) HTTP_PORT=$(HTTP_PORT) GRPC_PORT=$(GRPC_PORT) SIP_PORT=$(SIP_PORT) RTP_PORTS=$(RTP_PORTS)"

run: switchboard ## install what is missing, build, and run the demo centre in DATA
	exec $(UP) --data $(DATA)

demo: switchboard ## the same, empty at each start, full of played customers and agents: make demo LOAD=1.5 SEED=7
	rm -rf target/demo
	exec deploy/tools/demo.sh target/quick/switchboard target/demo "$(PORTS)" "--seed $(or $(SEED),7) --load $(or $(LOAD),1)"

switchboard: install-run web
	@echo "· building switchboard (the first time compiles every dependency: some minutes)"
	cargo build --locked --profile quick -p switchboard

install-run install-test install-lint:
	@$(INSTALL) $(@:install-%=%)

# The pages of the gateway and the widget of the chat: built by npm into dist/, embedded in the binary.
sources = $(shell find $(1) \( -name node_modules -o -name dist -o -path '*/src/gen' \) -prune -o -type f -print)

web: $(addsuffix /dist/.built,$(WEB))

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@echo "· npm ci in $*"
	@cd $* && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

crates/gateway/web/dist/.built: $(call sources,crates/gateway/web) $(call sources,proto)
crates/ingress-chat/widget/dist/.built: $(call sources,crates/ingress-chat/widget)
%/dist/.built: %/node_modules/.package-lock.json
	@echo "· building $*"
	@cd $* && npm run --silent build && touch dist/.built

test: install-test web ## unit, integration and journey tests of everything, then their counts
	@echo "· tests of the pages"
	@set -e; for web in $(WEB); do (cd $$web && npm test --silent); done
	@echo "· building what the tests start"
	cargo build --locked --workspace --bins --tests --examples
	@echo "· tests of the crates"
	cargo nextest run --locked --workspace

lint: install-lint web ## formats, lints, protos, licences, pages, scripts, chart
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	deploy/tools/proto.sh crates/gateway/web/node_modules/.bin/buf $(BASE)
	python3 deploy/tools/licences.py $(addsuffix /package-lock.json,$(WEB))
	cd crates/gateway/web && npm run --silent lint
	cd crates/ingress-chat/widget && npm run --silent check
	@if command -v shellcheck >/dev/null; then shellcheck deploy/tools/*.sh deploy/compose/*.sh deploy/kamailio/*.sh .ci/run; else echo "shellcheck: skipped, not installed"; fi
	deploy/tools/chart.sh $(PARTS)

e2e: install-test web ## the journeys alone: in one process, then apart; then 100 kills of the router's leader (KILLS=), a million mutated datagrams (MUTATED=)
	cargo build --locked --workspace --bins --tests --examples
	SWITCHBOARD_TOPOLOGY=together cargo nextest run --locked --workspace -E 'package(e2e)'
	SWITCHBOARD_TOPOLOGY=apart cargo nextest run --locked --workspace -E 'package(e2e)'
	ROUTER_KILLS=$(or $(KILLS),100) cargo nextest run --locked --workspace -E 'package(router) & test(leaders_die)' --no-capture
	VOICE_MUTATED=$(or $(MUTATED),1000000) cargo nextest run --locked --workspace -E 'package(ingress-voice) & test(mutated_datagrams)'

bench: install-run web ## the benchmarks, beside the figures of others (some minutes, on an idle machine)
	deploy/tools/bench.sh

sim: ## replay the router's simulation: make sim SEED=7, or SEEDS=10000 of them from there
	cargo run --locked --profile quick -p router --bin router-sim -- --seed $(or $(SEED),0) --seeds $(or $(SEEDS),1)

images: web ## one container image per service
	@$(INSTALL) images
	@set -e; for service in $(SERVICES) switchboard; do deploy/tools/image.sh $$service; done

deploy: install-lint ## install or upgrade the chart on the cluster that kubectl points at: make deploy VALUES=...
	$(PARTS)/helm/helm upgrade --install switchboard helm/switchboard --namespace switchboard --create-namespace \
		--values $(or $(VALUES),helm/switchboard/values-dev.yaml)

clean: ## remove what was built; data folders stay
	rm -rf target $(addsuffix /node_modules,$(WEB)) $(addsuffix /dist,$(WEB))
