// Package lever is what the engine knows of a change: each kind of change has one lever that proposes it, says where a
// component stands on its way, whether the world has drifted from what was approved, when it has settled, what a report
// says, whether somebody has undone it and how to go back. It is pure. The engine asks [Of] and never what kind it is;
// a kind's files begin with its name.
package lever
