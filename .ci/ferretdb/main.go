// Serves the MongoDB protocol from SQLite files, for machines that have no mongod: FerretDB, as a library.
//
// Usage: ferretdb DIRECTORY. Prints its URI once it listens, on a free port of the loopback interface.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: ferretdb DIRECTORY")
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		Handler:   "sqlite",
		SQLiteURL: "file:" + os.Args[1] + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	done := make(chan error)
	go func() { done <- server.Run(ctx) }()
	fmt.Println(server.MongoDBURI())
	if err := <-done; err != nil {
		log.Fatal(err)
	}
}
