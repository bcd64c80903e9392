package slackemu

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Bounds of uploads.
const (
	maxFiles = 64
	maxFile  = 8 << 20 // bytes.
)

// upload is a file that is being uploaded or is stored.
type upload struct {
	id, name, title, alt string
	length               int
	data                 []byte
	complete             bool
}

// kind is the media type of a file, by its name. A type that a browser might run is served as
// plain bytes.
func (u *upload) kind() string {
	kind, _, _ := mime.ParseMediaType(mime.TypeByExtension(path.Ext(u.name)))
	if slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "text/plain", "application/json"}, kind) {
		return kind
	}
	return "application/octet-stream"
}

// slack is the file as a message shows it.
func (u *upload) slack(base string) object {
	address := base + "/files-pri/" + u.id + "/" + path.Base("/"+u.name)
	return object{
		"id": u.id, "name": u.name, "title": u.title, "mimetype": u.kind(), "filetype": strings.TrimPrefix(path.Ext(u.name), "."),
		"size": len(u.data), "alt_txt": u.alt, "url_private": address, "url_private_download": address, "permalink": address, "mode": "hosted",
	}
}

func (s *Server) uploadURL(c *call) (object, error) {
	length, err := strconv.Atoi(c.args["length"])
	switch {
	case c.args["filename"] == "" || err != nil || length <= 0:
		return nil, refuse("invalid_arguments")
	case length > maxFile:
		return nil, refuse("file_upload_size_restricted")
	}
	u := &upload{id: s.nextID("F"), name: c.args["filename"], alt: c.args["alt_txt"], length: length}
	s.files.put(u.id, u)
	return object{"file_id": u.id, "upload_url": c.base + "/upload/v1/" + u.id}, nil
}

// receive reads the bytes of a file: the body, or the multipart field "file" or "filename".
func (s *Server) receive(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("file")
	r.Body = http.MaxBytesReader(w, r.Body, maxFile+maxBody)
	data, err := fileBytes(r)
	s.traffic.note("upload", object{"file": id, "bytes": len(data), "ok": err == nil})
	if err != nil {
		http.Error(w, "reading the file: "+err.Error(), http.StatusBadRequest)
		return
	}
	if status, complaint := s.storeUpload(id, data); complaint != "" {
		http.Error(w, complaint, status)
		return
	}
	_, _ = io.WriteString(w, "OK - "+strconv.Itoa(len(data)))
}

// storeUpload stores the bytes of a file, or says why not.
func (s *Server) storeUpload(id string, data []byte) (status int, complaint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.files.get(id)
	switch {
	case !ok || u.complete:
		return http.StatusNotFound, "this upload is unknown or finished"
	case len(data) != u.length:
		return http.StatusBadRequest, "the file is not as long as was announced"
	}
	u.data = data
	return http.StatusOK, ""
}

func fileBytes(r *http.Request) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		return io.ReadAll(r.Body)
	}
	field, _, err := r.FormFile("file")
	if err != nil {
		field, _, err = r.FormFile("filename")
	}
	if err != nil {
		return nil, err
	}
	defer field.Close()
	return io.ReadAll(field)
}

func (s *Server) completeUpload(c *call) (object, error) {
	ups, err := s.uploaded(c.args.raw("files"))
	if err != nil {
		return nil, err
	}
	shown, answer := []object{}, []object{}
	for _, u := range ups {
		shown = append(shown, u.slack(c.base))
		answer = append(answer, object{"id": u.id, "title": u.title})
	}
	if err := s.share(c.args, shown); err != nil {
		return nil, err
	}
	for _, u := range ups {
		u.complete = true
	}
	return object{"files": answer}, nil
}

// uploaded finds the files of a call. Their bytes must have arrived already.
func (s *Server) uploaded(list json.RawMessage) ([]*upload, error) {
	var wanted []struct{ ID, Title string }
	if json.Unmarshal(list, &wanted) != nil || len(wanted) == 0 {
		return nil, refuse("invalid_arguments")
	}
	var ups []*upload
	for _, one := range wanted {
		u, ok := s.files.get(one.ID)
		if !ok || u.data == nil || u.complete {
			return nil, refuse("file_not_found")
		}
		if u.title = one.Title; u.title == "" {
			u.title = u.name
		}
		ups = append(ups, u)
	}
	return ups, nil
}

// share posts uploaded files into the channels of a call. Without a channel the files remain
// private.
func (s *Server) share(a args, files []object) error {
	var channels []*conversation
	for _, id := range strings.FieldsFunc(a["channel_id"]+","+a["channels"], func(r rune) bool { return r == ',' }) {
		where, err := s.postable(id)
		if err != nil {
			return err
		}
		channels = append(channels, where)
	}
	message := content{text: a["initial_comment"]}
	if message.text == "" {
		if err := s.checkBlocks(a.raw("blocks"), nil); err != nil {
			return err
		}
		message.blocks = s.stored(a.raw("blocks"))
	}
	for _, where := range channels {
		p := s.fromBot(message)
		p.Files, p.ThreadTS = mustJSON(files), where.root(a["thread_ts"])
		s.post(where, p)
	}
	return nil
}

// showFile serves the bytes of a file, also one that only a block refers to.
func (s *Server) showFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	u, ok := s.files.get(r.PathValue("file"))
	ok = ok && u.complete
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", u.kind())
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(u.data) // never changed once complete.
}
