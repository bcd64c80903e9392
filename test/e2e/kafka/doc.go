// Package kafka runs Apache Kafka on loopback: brokers in KRaft mode from the jars of Maven Central, and Kafka's own command line tools.
//
// Every broker has two listeners for clients: one that trusts whoever connects as the cluster's administrator, and one that asks for a user
// (SASL PLAIN or SCRAM-SHA-512) and lets that user do what ACLs allow and nothing else.
package kafka
