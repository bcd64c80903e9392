package inbox

import (
	"testing"
	"time"
)

// What Slack puts into a hello for debugging, and into any frame beside what is asked for,
// is nobody's business here: of whatever shape it is, the bot is ready and hears commands.
func TestAHelloIsAHelloWhateverItCarries(t *testing.T) {
	for _, greeting := range []string{
		`{"type":"hello"}`,
		`{"type":"hello","num_connections":1.5}`,
		`{"type":"hello","num_connections":""}`,
		`{"type":"hello","num_connections":null,"connection_info":null,"debug_info":null}`,
		`{"type":"hello","num_connections":[1],"connection_info":[],"debug_info":""}`,
		`{"type":"hello","num_connections":2,"connection_info":{"app_id":7}}`,
		`{"type":"hello","num_connections":2,"debug_info":{"host":"applink-1","started":"","build_number":"","approximate_connection_time":18060}}`,
		`{"type":"hello","num_connections":2,"debug_info":{"build_number":54,"approximate_connection_time":18060.5}}`,
		`{"type":"hello","num_connections":2,"debug_info":{"build_number":99999999999999999999}}`,
		`{"type":"hello","reason":7,"envelope_id":[],"payload":"x","retry_attempt":"","retry_reason":null,"accepts_response_payload":"no"}`,
	} {
		t.Run(greeting, func(t *testing.T) {
			inExchange(t, 1, func(x *exchange) { x.greeting = greeting }, func(x *exchange) {
				if ok, why := x.listener.Ready(); !ok {
					x.Errorf("not ready: %s", why)
				}
				x.slash(1)
				time.Sleep(time.Second)
				x.mu.Lock()
				defer x.mu.Unlock()
				if x.heard != 1 {
					x.Errorf("heard %d commands, want 1", x.heard)
				}
			})
		})
	}
}

// The same holds for the frame that asks for a successor, and for every envelope.
func TestAFrameIsReadWhateverItCarriesBesides(t *testing.T) {
	inExchange(t, 1, nil, func(x *exchange) {
		x.send(`{"type":"slash_commands","envelope_id":"e1","accepts_response_payload":"true","retry_attempt":"0","retry_reason":1,"debug_info":"","payload":{"command":"/scale","text":"status","user_id":"U0ANA","channel_id":"C1","trigger_id":"t1","is_enterprise_install":"","enterprise_id":null,"response_url":""}}`)
		x.send(`{"type":"disconnect","reason":"warning","debug_info":{"host":1,"build_number":""}}`)
		time.Sleep(time.Second)
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.heard != 1 || len(x.acks) != 1 || x.opens != 2 {
			x.Errorf("heard %d, acknowledged %v, opened %d, want one command, its ack, and a successor", x.heard, x.acks, x.opens)
		}
	})
}
