package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"lintas/internal/outbreakcase"
)

var outbreakCommand = command{
	name:    "outbreak",
	summary: "Runs the outbreak algorithms on a case, or compares a folder of cases",
	usage:   "< CASE.json > RESULT.json  |  --dir CASES  |  --list",
	example: `  lintas outbreak < case.json > result.json
  lintas outbreak --dir ../shared/outbreak-cases

A case is {"id", "algorithm", "params", "input"}; the result has the columns of
that algorithm, or {"error": "a sentence"} where the method refuses the input.

Exit codes: 0 the result is written (a refusal is a result), or all cases of the
folder are as expected; 1 the case is unreadable or names no known algorithm
(the result holds the error), or a case differs; 2 wrong call.`,
	run: runOutbreak,
}

var (
	errCasesDiffer = errors.New("not all cases are as expected")
	errCaseUnknown = errors.New("this is not a case that can be run; the result says why")
)

func runOutbreak(_ context.Context, k *call) error {
	dir := k.flags.String("dir", "", "compare every case (*.json) of this folder with what it expects")
	list := k.flags.Bool("list", false, "list the algorithms")
	if err := k.parse(0, 0); err != nil {
		return err
	}
	switch {
	case *list:
		for _, name := range outbreakcase.Names() {
			fmt.Fprintln(k.out, name)
		}
		return nil
	case *dir != "":
		sum, err := outbreakcase.Folder(k.out, *dir)
		if err == nil && sum.Failed > 0 {
			err = errCasesDiffer
		}
		return err
	}
	return k.oneCase()
}

// oneCase answers the case on standard input. What is wrong with it is part of
// the answer, so that a program that reads the answer finds it.
func (k *call) oneCase() error {
	c, err := outbreakcase.Read(k.in)
	if err == nil && !outbreakcase.Known(c.Algorithm) {
		_, err = outbreakcase.Run(c)
	}
	if err != nil {
		return errors.Join(k.answer(map[string]string{"error": err.Error()}), errCaseUnknown)
	}
	answer, err := outbreakcase.Run(c)
	if err != nil {
		return k.answer(map[string]string{"error": err.Error()})
	}
	return k.answer(answer)
}

func (k *call) answer(a any) error { return json.NewEncoder(k.out).Encode(a) }
