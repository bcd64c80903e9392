package inbox

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/scalebot/scalebot/internal/slackui/api"
)

const (
	// silence is how long Slack may send nothing before the connection counts as dead. Slack
	// pings several times a minute.
	silence = 30 * time.Second
	// ackDeadline bounds the writing of one frame.
	ackDeadline = 2 * time.Second
	// oldAge is how long the bot keeps reading a connection that Slack wants replaced. Slack
	// warns about ten seconds ahead and closes it by itself.
	oldAge = 30 * time.Second
	// lastWords is how long the bot waits for Slack's answer to the close frame. Until then it
	// reads what was still under way.
	lastWords = time.Second
)

// link is one WebSocket to Slack. One goroutine reads it and acknowledges each frame before any
// work is done. The bot does not use slack-go's managed client: that client closes a connection
// at a stop, or as soon as Slack wants it replaced, and loses what is under way.
type link struct {
	listener *Listener
	conn     *websocket.Conn
	stage    atomic.Int32
	bye      sync.Once
	// retired is closed when a successor is needed: Slack asks for one, or the connection
	// ended.
	retired chan struct{}
}

// The stages of a link.
const (
	linkNew int32 = iota
	linkGreeted
	linkRetired
)

func newLink(l *Listener, conn *websocket.Conn) *link {
	conn.SetReadLimit(readLimit)
	k := &link{listener: l, conn: conn, retired: make(chan struct{})}
	pong := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		k.alive()
		return pong(data)
	})
	k.alive()
	return k
}

// alive moves the deadline after which the connection counts as dead.
func (k *link) alive() { _ = k.conn.SetReadDeadline(time.Now().Add(silence)) }

// read handles frames until the connection ends. When the context ends it sends a close frame.
// Then it still handles what Slack sent before Slack read that frame.
func (k *link) read(ctx context.Context) {
	defer k.conn.Close()
	defer k.replace()
	defer context.AfterFunc(ctx, k.leave)()
	for {
		_, data, err := k.conn.ReadMessage()
		if err != nil {
			if ctx.Err() == nil {
				k.listener.client.Log.DebugContext(ctx, "a socket ended", "err", err)
			}
			return
		}
		k.alive()
		k.receive(ctx, data, time.Now())
	}
}

// leave sends a close frame. After that the bot cannot acknowledge anything on this connection.
// Slack may have sent something before it read the frame, so the bot reads on until Slack closes
// too.
func (k *link) leave() {
	k.bye.Do(func() {
		k.replace()
		word := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
		_ = k.conn.WriteControl(websocket.CloseMessage, word, time.Now().Add(lastWords))
		time.AfterFunc(lastWords, func() { _ = k.conn.Close() })
	})
}

// greet records Slack's hello; from now on envelopes arrive.
func (k *link) greet() {
	if !k.stage.CompareAndSwap(linkNew, linkGreeted) {
		return
	}
	k.listener.trouble.Store(nil)
	k.listener.opened(1)
}

// replace asks for a successor, and reports false when that was done before.
func (k *link) replace() bool {
	was := k.stage.Swap(linkRetired)
	if was == linkRetired {
		return false
	}
	close(k.retired)
	if was == linkGreeted {
		k.listener.opened(-1)
	}
	return true
}

// dismissed handles Slack's request to replace the connection. Envelopes may arrive until Slack
// closes it, so the bot reads on.
func (k *link) dismissed(ctx context.Context, reason string) {
	level := k.listener.client.Log.WarnContext
	switch reason {
	case "too_many_websockets":
		k.listener.complain("Slack allows ten connections of one app, and they are taken: run fewer replicas (too_many_websockets)")
	case "link_disabled":
		k.listener.complain("Socket Mode is switched off in the settings of the app (link_disabled)")
	default:
		level = k.listener.client.Log.InfoContext
	}
	level(ctx, "a socket is to be replaced, Slack asks", "reason", reason)
	if k.replace() {
		time.AfterFunc(oldAge, k.leave)
	}
}

// ack acknowledges an envelope; payload may be nil. A frame without an id needs no ack.
func (k *link) ack(ctx context.Context, id string, payload any, at time.Time) {
	if id == "" {
		return
	}
	_ = k.conn.SetWriteDeadline(time.Now().Add(ackDeadline))
	if err := k.conn.WriteJSON(acknowledgement{EnvelopeID: id, Payload: payload}); err != nil {
		k.listener.client.Count.Add(func(s *api.Stats) { s.LostAcks++ })
		k.listener.client.Log.WarnContext(ctx, "an envelope could not be acknowledged", "err", err)
		return
	}
	k.listener.client.Count.Acked(time.Since(at))
}
