.PHONY: demo test check fuzz bench browser golden

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

golden: ## rewrite the golden files after an intended change
	go test ./internal/... -update
