.PHONY: help demo test check fuzz bench browser e2e lab lab-stop golden

help: ## what there is
	@sed -nE 's/^([a-z0-9-]+):.* ## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: ## the whole product on this machine
	go run ./cmd/scalebot demo

test: ## every test that needs nothing but Go
	go test -race ./...

check: ## what must hold before a change lands
	.ci/run

fuzz: ## every fuzz target for a while
	.ci/fuzz 1m

bench: ## lag sweep beside its peers
	cd test/bench && go test -run '^$$' -bench . ./...

browser: ## the story in a headless browser
	cd test/browser && go test -count=1 -v ./...

e2e: ## the bot against real Kafka, Kubernetes and Prometheus, and in a browser
	test/e2e/run

lab: ## the same servers, left running, and the environment for scalebot run
	cd test/e2e && go run ./lab prepare && go run ./lab start

lab-stop: ## end them
	cd test/e2e && go run ./lab stop

golden: ## rewrite the golden files and printed documents after an intended change
	go test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' internal | xargs -n1 dirname | sort -u | sed 's|^|./|') -update
