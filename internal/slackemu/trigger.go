package slackemu

import (
	"fmt"
	"time"
)

// trigger is the right to open one view, shortly after a person's action.
type trigger struct {
	user    string
	expires time.Time // wall time.
	used    bool
}

// triggerLife is how long a trigger_id is valid.
const triggerLife = 3 * time.Second

// newTrigger makes a trigger_id for a user. The lock is held.
func (s *Server) newTrigger(user string) string {
	s.ids++
	id := fmt.Sprintf("%d.%d.%s", time.Now().UnixMilli(), s.ids, secret())
	s.triggers.put(id, &trigger{user: user, expires: time.Now().Add(triggerLife)})
	return id
}

// useTrigger checks and uses up the trigger of a call.
func (s *Server) useTrigger(id string) (string, error) {
	t, ok := s.triggers.get(id)
	switch {
	case !ok:
		return "", refuse("invalid_trigger_id")
	case t.used:
		return "", refuse("exchanged_trigger_id")
	case time.Now().After(t.expires):
		return "", refuse("expired_trigger_id")
	}
	t.used = true
	return t.user, nil
}
