package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v3"
)

const longest = 64 << 10

var (
	endpoint = regexp.MustCompile(`^/(.+)/(whip|whep)$`)
	resource = regexp.MustCompile(`^/(.+)/(whip|whep)/([0-9a-f]{32})$`)
	kick     = regexp.MustCompile(`^/v3/webrtcsessions/kick/([0-9a-f]{32})$`)

	errUnknown = errors.New("nobody publishes at this path")
)

// server has what is published, and everybody's session.
type server struct {
	api      *webrtc.API
	tokens   *verifier
	mutex    sync.Mutex
	streams  map[string]*stream
	sessions map[string]*session
}

// session is one connection, of a publisher or a listener.
type session struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	State   string    `json:"state"`
	Path    string    `json:"path"`
	Query   string    `json:"query"`
	pc      *webrtc.PeerConnection
}

func newServer(api *webrtc.API, tokens *verifier) *server {
	return &server{
		api: api, tokens: tokens,
		streams: map[string]*stream{}, sessions: map[string]*session{},
	}
}

func (s *server) serve(writer http.ResponseWriter, request *http.Request) {
	header := writer.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "Location")
	if request.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", "OPTIONS, POST, DELETE")
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		writer.WriteHeader(http.StatusNoContent)
		return
	}
	if found := endpoint.FindStringSubmatch(request.URL.Path); found != nil {
		s.post(writer, request, found[1], found[2])
	} else if found := resource.FindStringSubmatch(request.URL.Path); found != nil {
		s.delete(writer, request, found[3])
	} else {
		http.NotFound(writer, request)
	}
}

func (s *server) post(writer http.ResponseWriter, request *http.Request, path, way string) {
	if request.Method != http.MethodPost {
		http.Error(writer, "only POST", http.StatusMethodNotAllowed)
		return
	}
	action := map[string]string{"whip": "publish", "whep": "read"}[way]
	ends, err := s.tokens.check(request, action, path)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusUnauthorized)
		return
	}
	offer, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, longest))
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	made, answer, err := s.begin(path, way, request.URL.RawQuery, string(offer))
	if errors.Is(err, errUnknown) {
		http.Error(writer, err.Error(), http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	if way == "whep" {
		// Whoever may go on listening has a new token, and a new connection, by then.
		time.AfterFunc(time.Until(ends), func() { s.end(made.ID) })
	}
	writer.Header().Set("Content-Type", "application/sdp")
	writer.Header().Set("Location", request.URL.Path+"/"+made.ID)
	writer.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(writer, answer)
}

func (s *server) begin(path, way, query, offer string) (*session, string, error) {
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, "", err
	}
	made := &session{
		ID: newID(), Created: time.Now(), State: "read", Path: path, Query: query, pc: pc,
	}
	if way == "whip" {
		made.State = "publish"
		err = s.publish(made)
	} else {
		err = s.read(made)
	}
	var answer string
	if err == nil {
		answer, err = answered(pc, offer)
	}
	if err != nil {
		_ = pc.Close()
		return nil, "", err
	}
	s.mutex.Lock()
	s.sessions[made.ID] = made
	s.mutex.Unlock()
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateClosed {
			s.end(made.ID)
		}
	})
	return made, answer, nil
}

func (s *server) delete(writer http.ResponseWriter, request *http.Request, id string) {
	if request.Method != http.MethodDelete {
		http.Error(writer, "only DELETE", http.StatusMethodNotAllowed)
		return
	}
	if !s.end(id) {
		http.NotFound(writer, request)
	}
}

// end closes a session; with a publisher's go those who listen to it, as on MediaMTX.
func (s *server) end(id string) bool {
	s.mutex.Lock()
	ended, known := s.sessions[id]
	if !known {
		s.mutex.Unlock()
		return false
	}
	delete(s.sessions, id)
	var left []string
	if published := s.streams[ended.Path]; published != nil && published.session == ended {
		delete(s.streams, ended.Path)
		for _, other := range s.sessions {
			if other.Path == ended.Path && other.State == "read" {
				left = append(left, other.ID)
			}
		}
	}
	s.mutex.Unlock()
	go func() { _ = ended.pc.Close() }()
	for _, other := range left {
		s.end(other)
	}
	return true
}

// control is the part of MediaMTX's API that lists and ends sessions.
func (s *server) control(writer http.ResponseWriter, request *http.Request) {
	if _, err := s.tokens.check(request, "api", ""); err != nil {
		http.Error(writer, err.Error(), http.StatusUnauthorized)
		return
	}
	found := kick.FindStringSubmatch(request.URL.Path)
	switch {
	case request.Method == http.MethodGet && request.URL.Path == "/v3/webrtcsessions/list":
		s.list(writer)
	case request.Method == http.MethodPost && found != nil && s.end(found[1]):
		writer.WriteHeader(http.StatusOK)
	default:
		http.NotFound(writer, request)
	}
}

func (s *server) list(writer http.ResponseWriter) {
	items := []session{}
	s.mutex.Lock()
	for _, one := range s.sessions {
		items = append(items, *one)
	}
	s.mutex.Unlock()
	writer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(writer).Encode(map[string]any{
		"itemCount": len(items), "pageCount": 1, "items": items,
	})
}

func newID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return strings.ToLower(hex.EncodeToString(id))
}
