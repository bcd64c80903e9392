// Package slackemu is a Slack workspace in one HTTP handler: the Web API, Socket Mode,
// a page to act in, and knobs to make it fail. It is meant for demos and tests of Slack
// apps, whichever library they use: point the client's API URL at base + "/api/".
//
//	s := slackemu.New(slackemu.Config{})
//	defer s.Close()
//	http.ListenAndServe("127.0.0.1:8090", s.Handler())
//
// [DefaultWorld] has the tokens xoxb-demo-0-scalebot and xapp-demo-0-scalebot; with
// [Config.AnyToken] any others of that kind do as well.
//
// It has no accounts: whoever reaches it may act as anybody. Serve it on loopback only.
// Nothing is kept on disk and every store is bounded.
//
// # Acting as a person
//
// All bodies and answers are JSON. An answer has "ok"; when it is false there are "error",
// a code, and "message", a sentence.
//
//	POST /emulator/slash    {user, channel, text[, command, thread_ts]}   text without the command
//	POST /emulator/mention  {user, channel, text[, thread_ts]}            the app's name is added if missing
//	POST /emulator/say      {user, channel, text[, thread_ts]}            the app hears it only when named
//	                                                                      both take blocks, attachments and files, unchecked
//	POST /emulator/edit     {user, channel, ts, text}                     a person changes their own message
//	POST /emulator/foreign  {channel[, text, blocks, attachments, files, metadata, thread_ts]}   another app posts
//	POST /emulator/click    {user, channel, ts, action_id[, block_id, value | selected_option, force]}
//	POST /emulator/click    {user, view_id, action_id, ...}               the same in a modal
//	POST /emulator/submit   {user, view_id, values}                       values {block_id: {action_id: v}} or {action_id: v}
//	POST /emulator/close    {user, view_id}
//	POST /emulator/home     {user}                                        opens the app's home tab
//	POST /emulator/invite   {channel[, user]}                             the bot by default
//
// slash, click and submit wait for the app's acknowledgement, at most 3 s, and answer
// with "envelope_id" and "ack", the payload of it; their errors are then Slack's:
// dispatch_failed without a connection, operation_timeout without an answer.
// Confirmation dialogs are left to the page: a click here is a confirmed click.
//
// # Looking
//
//	GET /emulator/messages?channel=C…&user=U…   {"ok", "messages"}: what the user sees, oldest first,
//	                                            replies with thread_ts, theirs alone with is_ephemeral
//	GET /emulator/state                         team, users, channels, usergroups, views, commands, connections, faults
//	GET /emulator/traffic                       one JSON object a line: API calls, envelopes, acks with latency_ms
//	GET /emulator/events                        server-sent events: a number whenever something changed
//	GET /emulator/file/{id}                     an uploaded file
//
// # Making it fail
//
// POST /emulator/fault takes any of these members together:
//
//	method, status, retry_after, count   the next count calls of a method ("*" for all) answer that HTTP status
//	method, error, count                 … answer {"ok": false, "error": …}
//	method, hang, count                  … wait that many seconds first; with a status or error, then fail
//	method, cut, count                   … lose their connection "before" or "after" the call took effect
//	disconnect, links                    end connections for this reason: refresh_requested goes "in_turn" (a warning, 2 s
//	                                     later the request, then the next one), to "one" only, or to "all" at once; a
//	                                     warning alone ends nothing; link_disabled and others go to all
//	drop_sockets                         cut every connection without a word
//	refuse_connects, silent_socket       true or false: no new connections; no pings
//	duplicate_event                      how many of the next events are delivered twice
//	clock_factor                         how much faster events are retried (retries come at once, after 1 and 5 min)
//	refuse_blocks                        block types this workspace does not have, such as ["data_visualization"]
//	no_usergroups                        true: user groups are not in the plan
//	hello                                members that every hello has from now on, {"debug_info": ""} for instance
//	deactivate, reactivate, guest, external, member   a user id
//	archive, unarchive, share, unshare, remove_bot, add_bot   a channel id
//	delete_message {channel, ts}; group {id, members}; scopes [...]
//	force                                true: deactivated people may act
//	clear                                true: forget every knob except those about people, channels and scopes
//
// A count of 0 is one call and a negative one lasts until it is cleared.
//
// # What is like Slack
//
// Errors are HTTP 200 with Slack's codes, those of a response_url HTTP 404; 429 carries Retry-After. Tokens and scopes are
// checked. Timestamps follow [Config.Clock] and never repeat in a channel. Messages and
// views are judged by package blockkit and refused in Slack's words. A trigger_id opens
// one view within 3 s; a response_url works 5 times within 30 min. Each envelope goes to
// any one of at most ten connections and must be acknowledged within 3 s; only events
// are repeated, with the same event_id. Acknowledgements of 20,480 bytes or more vanish.
// Where Slack documents nothing, reply to a deleted message for instance, the emulator
// does what has been observed.
//
// # Files
//
// It is one package because a workspace is one thing under one lock: what an app changes through
// the API, people see, the sockets deliver, and the knobs break. The files by subject:
//
//	server.go, world.go, handler.go   the workspace, its first people and channels, its addresses
//	api.go, methods.go, args.go       how a call is read, allowed and answered; limits.go how many
//	chat.go, conversations.go, directory.go, views.go, files.go, reactions.go   the methods
//	message.go, content.go, typed.go  messages and what Slack makes of what was sent
//	link.go, hub.go, deliver.go, envelope.go, refresh.go   Socket Mode
//	hooks.go, trigger.go              response_url and trigger_id
//	actor.go, slash.go, mention.go, click.go, submit.go, input.go   people who act
//	control.go, knobs.go, faults.go, foreign.go   making it fail
//	traffic.go, watch.go              looking
package slackemu
