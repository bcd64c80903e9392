package slackemu

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var pageFiles embed.FS

// Handler serves everything: the Web API under /api/, the socket, uploads and
// response_urls, the control endpoints under /emulator/ and the page at /. It is safe to
// mount on a larger mux at "/".
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/{method}", s.api)
	mux.HandleFunc("GET /api/{method}", s.api)
	mux.HandleFunc("GET /link/", s.socket)
	mux.HandleFunc("POST /upload/v1/{file}", s.receive)
	mux.HandleFunc("POST /response/{hook}", s.respond)
	mux.HandleFunc("GET /files-pri/{file}/{name}", s.showFile)
	mux.Handle("/emulator/", s.control())
	mux.Handle("/", pageHandler())
	return mux
}

// control serves the endpoints for pages and scripts. It is protected against cross-site
// requests, because a foreign web page must not turn knobs in a browser that can reach the
// emulator. Scripts send no Origin header and are let through.
func (s *Server) control() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /emulator/slash", controlled(s, s.slash))
	mux.Handle("POST /emulator/mention", controlled(s, func(ctx context.Context, _ string, r sayRequest) (object, error) { return s.mentionBot(ctx, r) }))
	mux.Handle("POST /emulator/say", controlled(s, func(ctx context.Context, _ string, r sayRequest) (object, error) { return s.speak(ctx, r) }))
	mux.Handle("POST /emulator/edit", controlled(s, func(ctx context.Context, _ string, r editRequest) (object, error) { return s.rewrite(ctx, r) }))
	mux.Handle("POST /emulator/foreign", controlled(s, s.foreign))
	mux.Handle("POST /emulator/click", controlled(s, s.click))
	mux.Handle("POST /emulator/submit", controlled(s, s.submit))
	mux.Handle("POST /emulator/close", controlled(s, s.dismiss))
	mux.Handle("POST /emulator/invite", controlled(s, s.invite))
	mux.Handle("POST /emulator/home", controlled(s, s.openHome))
	mux.Handle("POST /emulator/fault", controlled(s, s.fault))
	mux.HandleFunc("GET /emulator/messages", s.messages)
	mux.HandleFunc("GET /emulator/state", s.state)
	mux.HandleFunc("GET /emulator/traffic", s.showTraffic)
	mux.HandleFunc("GET /emulator/events", s.events)
	mux.HandleFunc("GET /emulator/file/{file}", s.showFile)
	mux.HandleFunc("/emulator/", noEndpoint)
	return http.NewCrossOriginProtection().Handler(mux)
}

// pageHandler serves the page. The page shows text written by others, so the browser is told to
// run only the page's own scripts.
func pageHandler() http.Handler {
	root, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic("the embedded page is missing: " + err.Error())
	}
	files := http.FileServerFS(root)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
}
