package api

import (
	"time"
)

// CallTimeout is the deadline of one call to the API server.
const CallTimeout = 10 * time.Second

// FieldManager is the name under which the bot's writes appear in managedFields.
const FieldManager = "scalebot"
