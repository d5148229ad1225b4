// Package outbreak turns counts of cases into alarms, reproduction numbers,
// nowcasts and clusters. Every method takes a Series and options, cites its
// paper, and answers with Points that say what was observed, what was expected,
// and when there is no decision, why not.
package outbreak
