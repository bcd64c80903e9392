package slackemu

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/scalebot/scalebot/internal/memnet"
)

func slashBy(user string) object {
	return object{"user": user, "channel": "C0INCIDENT", "text": "status"}
}

// T-socket: a ticket opens one connection, soon; the first frame is hello.
func TestTicketsAreForOneUse(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		address := r.ticket()
		ws, _, err := r.dialer.Dial(address, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		var hello object
		if err := ws.ReadJSON(&hello); err != nil || hello["type"] != "hello" || hello["num_connections"] != 1.0 {
			t.Errorf("got %v %v, want hello of the first connection", hello, err)
		}
		refused := func(address string) {
			t.Helper()
			if _, res, err := r.dialer.Dial(address, nil); err == nil || res == nil || res.StatusCode != http.StatusForbidden {
				t.Errorf("got %v, want the ticket refused", err)
			}
		}
		refused(address)
		refused(strings.Replace(address, "ticket=", "ticket=x", 1))
		late := r.ticket()
		time.Sleep(ticketLife + time.Second)
		refused(late)
	})
}

func TestPingsComeAtOnceAndEveryTenSeconds(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		time.Sleep(25 * time.Second)
		synctest.Wait()
		if got := a.pings.Load(); got != 3 {
			t.Errorf("got %d pings in 25 s, want 3", got)
		}
		r.must("fault", object{"silent_socket": true})
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := a.pings.Load(); got != 3 {
			t.Errorf("got %d pings, want silence", got)
		}
	})
}

func TestAnEleventhConnectionIsTooMany(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for i := range maxLinks {
			if got := r.connect(plainAck).next("hello")["num_connections"]; got != float64(i+1) {
				t.Errorf("connection %d: got %v connections", i+1, got)
			}
		}
		if got := r.connect(plainAck).next("disconnect")["reason"]; got != "too_many_websockets" {
			t.Errorf("got the reason %v", got)
		}
		if got := r.s.Connections(); got != maxLinks {
			t.Errorf("got %d connections, want %d", got, maxLinks)
		}
	})
}

// Each envelope goes to exactly one of the connections, and in the end to each of them.
func TestEnvelopesGoToAnyOneConnection(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		one, two := r.connect(plainAck), r.connect(plainAck)
		one.next("hello")
		two.next("hello")
		const sent = 40
		for range sent {
			r.must("slash", slashBy("U0ANA"))
		}
		synctest.Wait()
		if a, b := len(one.frames), len(two.frames); a+b != sent || a == 0 || b == 0 {
			t.Errorf("got %d and %d envelopes, want %d in all and some on both", a, b, sent)
		}
	})
}

// What was on its way when an app says goodbye comes before the answer, and nothing new
// goes there.
func TestAGoodbyeIsAnsweredLast(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(nil)
		a.next("hello")
		var people sync.WaitGroup
		for range 3 {
			people.Go(func() { r.control("slash", slashBy("U0ANA")) })
		}
		synctest.Wait()
		word := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
		if err := a.ws.WriteControl(websocket.CloseMessage, word, time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := r.control("slash", slashBy("U0ANA")); got["error"] != "dispatch_failed" {
			t.Errorf("after the goodbye: got %v, want no connection", got)
		}
		people.Wait()
		for range 3 {
			a.next("slash_commands")
		}
		if got := r.s.Connections(); got != 0 {
			t.Errorf("got %d connections, want none", got)
		}
	})
}

// T-ack: no connection is dispatch_failed, no ack within 3 s operation_timeout, and the
// person is told either way. Commands and clicks are never delivered again.
func TestWhatIsNotAcknowledgedFails(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		if got := r.control("slash", slashBy("U0ANA")); got["ok"] != false || got["error"] != "dispatch_failed" {
			t.Errorf("without a connection: got %v", got)
		}
		a := r.connect(nil)
		a.next("hello")
		began := time.Now()
		if got := r.control("slash", slashBy("U0ANA")); got["error"] != "operation_timeout" || time.Since(began) != 3*time.Second {
			t.Errorf("without an ack: got %v after %v, want operation_timeout after 3 s", got, time.Since(began))
		}
		envelope := a.next("slash_commands")
		_ = a.ws.WriteJSON(plainAck(envelope))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if len(a.frames) != 0 {
			t.Errorf("got %d more frames, want a command never repeated", len(a.frames))
		}
		said := strings.Join(r.sees("U0ANA"), "\n")
		for _, want := range []string{`failed with the error "dispatch_failed"`, `failed with the error "operation_timeout"`} {
			if !strings.Contains(said, want) {
				t.Errorf("Ana sees %q, want %q among it", said, want)
			}
		}
		if !r.noted("came after 3 s") {
			t.Errorf("the late ack is not noted in the traffic")
		}
	})
}

// noted tells whether an acknowledgement was recorded with a remark.
func (r *room) noted(remark string) bool {
	for _, line := range r.traffic() {
		if line["kind"] == "ack" && (line["note"] == remark || line["error"] == remark) {
			return true
		}
	}
	return false
}

// Clients differ in what they send for an empty payload; large acks vanish.
func TestAcksComeInManyShapes(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		var payload any
		a := r.connect(func(f object) any { return object{"envelope_id": f["envelope_id"], "payload": payload} })
		a.next("hello")
		for _, payload = range []any{nil, object{}, object{"text": ""}} {
			if got := r.must("slash", slashBy("U0ANA")); got["envelope_id"] == "" {
				t.Errorf("%v: got %v", payload, got)
			}
		}
		if got := r.sees("U0ANA"); len(got) != 3 {
			t.Errorf("Ana sees %q, want only what she typed", got)
		}
		payload = object{"text": strings.Repeat("x", maxAck)}
		if got := r.control("slash", slashBy("U0ANA")); got["error"] != "operation_timeout" {
			t.Errorf("a large ack: got %v, want it dropped", got)
		}
		payload = object{"text": "x", "blocks": []object{{"type": "nonsense"}}}
		if got := r.control("slash", slashBy("U0ANA")); got["error"] != "invalid_command_response" {
			t.Errorf("an ack with bad blocks: got %v", got)
		}
	})
}

func TestAnAckOnAnotherConnectionIsNotedAndCounts(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		var other *app
		cross := func(f object) any { _ = other.ws.WriteJSON(plainAck(f)); return nil }
		one := r.connect(cross)
		other = r.connect(plainAck)
		for !r.noted("came over another connection") {
			r.must("slash", slashBy("U0ANA"))
			synctest.Wait()
		}
		one.next("hello")
	})
}

// T-refresh: an old connection gets nothing more before it is told to go, so that an
// app with two connections loses nothing.
func TestRefreshStopsRoutingFirst(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		old := r.connect(plainAck)
		old.next("hello")
		if got := r.must("fault", object{"disconnect": "refresh_requested", "links": "all"}); got["disconnected"] != 1.0 || got["connections"] != 0.0 {
			t.Errorf("got %v, want one told and none open", got)
		}
		if got := old.next("disconnect")["reason"]; got != "refresh_requested" {
			t.Errorf("got the reason %v", got)
		}
		fresh := r.connect(plainAck)
		fresh.next("hello")
		for range 20 {
			r.must("slash", slashBy("U0ANA"))
		}
		if len(old.frames) != 0 {
			t.Errorf("got %d envelopes on the old connection, want none", len(old.frames))
		}
		time.Sleep(graceOfLink)
		synctest.Wait()
		if _, open := <-old.frames; open {
			t.Errorf("the old connection is still open after its grace time")
		}
	})
}

// T-refresh: Slack replaces connections one at a time and warns first, so that an app
// with two of them always has one, and no command fails.
func TestRefreshesComeInTurnWithAWarning(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		first, second := r.connect(plainAck), r.connect(plainAck)
		first.next("hello")
		second.next("hello")
		if got := r.must("fault", object{"disconnect": "refresh_requested"}); got["disconnected"] != 2.0 || got["connections"] != 2.0 {
			t.Fatalf("got %v, want two told and both open for now", got)
		}
		for i, old := range []*app{first, second} {
			for _, want := range []string{"warning", "refresh_requested"} {
				if got := old.told(); got != want {
					t.Errorf("connection %d: got the reason %v, want %s", i, got, want)
				}
				r.must("slash", slashBy("U0ANA"))
				time.Sleep(warnAhead)
			}
			if r.s.Connections() != 1 {
				t.Errorf("connection %d: got %d open beside it, want 1", i, r.s.Connections())
			}
			r.connect(plainAck).next("hello")
			_ = old.ws.Close()
			synctest.Wait()
			if i == 0 && len(second.toldSoFar()) != 0 {
				t.Error("the second connection is told to go in the same moment as the first one went")
			}
			time.Sleep(warnAhead)
		}
	})
}

// toldSoFar are the disconnects that have come already, without waiting for any.
func (a *app) toldSoFar() (reasons []any) {
	for {
		select {
		case frame := <-a.frames:
			if frame["type"] == "disconnect" {
				reasons = append(reasons, frame["reason"])
			}
		default:
			return reasons
		}
	}
}

// told is the reason of the next disconnect; commands on the way are passed over.
func (a *app) told() any {
	a.Helper()
	for {
		synctest.Wait()
		select {
		case frame := <-a.frames:
			if frame["type"] == "disconnect" {
				return frame["reason"]
			}
		default:
			a.Fatal("got no disconnect")
		}
	}
}

// One connection can be refreshed alone; a warning alone ends nothing; nonsense is told.
func TestOneConnectionCanBeRefreshed(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		first, second := r.connect(plainAck), r.connect(plainAck)
		first.next("hello")
		second.next("hello")
		if got := r.must("fault", object{"disconnect": "refresh_requested", "links": "one"}); got["disconnected"] != 1.0 {
			t.Errorf("got %v, want one told", got)
		}
		first.told()
		time.Sleep(warnAhead)
		first.told()
		time.Sleep(graceOfLink)
		synctest.Wait()
		if r.s.Connections() != 1 || len(second.frames) != 0 {
			t.Errorf("got %d open and %d messages for the other one, want it left alone", r.s.Connections(), len(second.frames))
		}
		r.must("fault", object{"disconnect": "warning"})
		if got := second.next("disconnect")["reason"]; got != "warning" || r.s.Connections() != 1 {
			t.Errorf("got the reason %v with %d open, want a warning that ends nothing", got, r.s.Connections())
		}
		for _, wrong := range []object{{"disconnect": "refresh_requested", "links": "some"}, {"links": "one"}} {
			if got := r.control("fault", wrong); got["error"] != "invalid_fault" {
				t.Errorf("%v: got %v, want invalid_fault", wrong, got)
			}
		}
	})
}

// Connections end by themselves after the time that hello announced.
func TestConnectionsAgeAsAnnounced(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		ws, _, err := r.dialer.Dial(r.ticket()+"&debug_reconnects=true", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		began := time.Now()
		for _, want := range []string{"hello", "disconnect"} {
			var frame object
			if err := ws.ReadJSON(&frame); err != nil || frame["type"] != want {
				t.Fatalf("got %v %v, want %s", frame, err, want)
			}
		}
		if got := time.Since(began); got != debugLife {
			t.Errorf("got a life of %v, want %v", got, debugLife)
		}
	})
}

func TestConnectionsCanBeRefusedAndDropped(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		r.must("fault", object{"refuse_connects": true, "drop_sockets": true})
		synctest.Wait()
		if _, open := <-a.frames; open || r.s.Connections() != 0 {
			t.Errorf("got an open connection after dropping all")
		}
		if _, res, err := r.dialer.Dial(r.ticket(), nil); err == nil || res.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("got %v, want connections refused", err)
		}
		r.must("fault", object{"refuse_connects": false})
		r.connect(plainAck).next("hello")
	})
}

// T-events: only events are repeated: at once, after 1 min, after 5 min; each time with
// the same event_id in a new envelope.
func TestEventsAreRepeatedUntilAcknowledged(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(nil)
		a.next("hello")
		answer := r.must("mention", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		if answer["delivered"] != false || answer["message"] == "" {
			t.Errorf("got %v, want it told as not delivered yet", answer)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		ids, envelopes := map[any]bool{}, map[any]bool{}
		for attempt := range 4 {
			e := a.next("events_api")
			ids[e["payload"].(object)["event_id"]] = true
			envelopes[e["envelope_id"]] = true
			reason := "timeout"
			if attempt == 0 {
				reason = ""
			}
			if e["retry_attempt"] != float64(attempt) || e["retry_reason"] != reason || e["accepts_response_payload"] != false {
				t.Errorf("attempt %d: got %v", attempt, e)
			}
		}
		if len(ids) != 1 || len(envelopes) != 4 || len(a.frames) != 0 {
			t.Errorf("got %d event ids, %d envelopes, %d more; want 1, 4 and none", len(ids), len(envelopes), len(a.frames))
		}
	})
}

func TestAnEventWaitsForAConnection(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		r.must("fault", object{"clock_factor": 60})
		r.must("mention", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		synctest.Wait() // until the first repetition, which comes at once, has failed too.
		a := r.connect(plainAck)
		a.next("hello")
		time.Sleep(2 * time.Second) // a minute, sixty times faster, and then some.
		e := a.next("events_api")
		if inner := e["payload"].(object)["event"].(object); inner["type"] != "app_mention" || e["retry_attempt"] != 2.0 {
			t.Errorf("got %v, want the mention as its second repetition", e)
		}
	})
}

func TestEventsCanComeTwice(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(plainAck)
		a.next("hello")
		r.must("fault", object{"duplicate_event": 1})
		r.must("mention", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		first, second := a.next("events_api"), a.next("events_api")
		if first["payload"].(object)["event_id"] != second["payload"].(object)["event_id"] || first["envelope_id"] == second["envelope_id"] {
			t.Errorf("got %v and %v, want one event in two envelopes", first, second)
		}
		r.must("mention", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		a.next("events_api")
		if len(a.frames) != 0 {
			t.Errorf("got another duplicate, want only one")
		}
	})
}

// Closing with everything under way leaves no goroutine: the bubble would not end.
func TestCloseEndsEverything(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		a := r.connect(nil)
		r.must("mention", object{"user": "U0ANA", "channel": "C0INCIDENT", "text": "status"})
		r.must("fault", object{"disconnect": "warning"})
		r.s.Close()
		r.s.Close()
		synctest.Wait()
		for range a.frames {
		}
		if _, _, err := r.dialer.Dial(strings.Replace(base, "http", "ws", 1)+"/link/?ticket="+r.s.hub.newTicket(), nil); err == nil {
			t.Errorf("got a connection after closing")
		}
	})
}

// A client that does not read is cut off; it must not hold up the others.
func TestASlowConnectionIsCut(t *testing.T) {
	l := &link{out: make(chan frame, 1), done: make(chan struct{})}
	server, client := newPipe(t)
	l.conn = server
	defer client.Close()
	if !l.send(frame{data: []byte("1")}) || l.send(frame{data: []byte("2")}) || l.send(frame{data: []byte("3")}) {
		t.Errorf("want the first frame taken and the link closed at the second")
	}
	select {
	case <-l.done:
	default:
		t.Errorf("the link is still open")
	}
}

// newPipe makes both ends of a websocket.
func newPipe(t *testing.T) (server, client *websocket.Conn) {
	t.Helper()
	network := memnet.New()
	got := make(chan *websocket.Conn, 1)
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
		}
		got <- conn
	})}
	go func() { _ = s.Serve(network) }()
	t.Cleanup(func() { _ = s.Close() })
	client, _, err := (&websocket.Dialer{NetDialContext: network.Dial}).Dial("ws://slack.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return <-got, client
}

// T-burst: a thousand commands at the same moment, over two connections, are all
// acknowledged.
func TestABurstOfCommandsIsAllDelivered(t *testing.T) {
	inRoom(t, Config{}, func(r *room) {
		for range 2 {
			a := r.connect(plainAck)
			go func() {
				for range a.frames {
				}
			}()
		}
		const burst = 1_000
		var failed atomic.Int32
		var all sync.WaitGroup
		for range burst {
			all.Go(func() {
				if _, err := r.s.slash(r.Context(), base, slashRequest{User: "U0ANA", Channel: "C0INCIDENT", Text: "status"}); err != nil {
					failed.Add(1)
				}
			})
		}
		all.Wait()
		if got := failed.Load(); got != 0 {
			t.Errorf("got %d of %d commands failed, want none", got, burst)
		}
	})
}
