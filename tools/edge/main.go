// Command edge is a small WHIP/WHEP server on Pion, to try and to measure edges with.
//
// It speaks what a standard server speaks: WHIP in (RFC 9725), WHEP out, one publisher to many
// listeners, bearer tokens that it checks with a public key (JWKS), and MediaMTX's control API as
// far as the engine uses it. It encodes nothing. It prints its addresses, and ends with its standard
// input.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "edge:", err)
		os.Exit(1)
	}
}

func run() error {
	listen := flag.String("listen", "127.0.0.1:0", "where WHIP and WHEP are served")
	control := flag.String("api", "127.0.0.1:0", "where the control API is served")
	media := flag.String("media", "127.0.0.1:0", "the UDP address of sound and picture")
	keys := flag.String("jwks", "", "the address of the public keys that sign tokens")
	flag.Parse()
	api, err := newAPI(*media)
	if err != nil {
		return err
	}
	server := newServer(api, &verifier{address: *keys})
	door, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	side, err := net.Listen("tcp", *control)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s http://%s\n", door.Addr(), side.Addr())
	failed := make(chan error, 3)
	go func() { failed <- http.Serve(door, http.HandlerFunc(server.serve)) }()
	go func() { failed <- http.Serve(side, http.HandlerFunc(server.control)) }()
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		failed <- err
	}()
	return <-failed
}
