// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// What a server is that has Go's net/http send files: HTTP/1.1 and HTTP/2, by prior knowledge or over TLS.
//
//	peer FOLDER ADDRESS TLS_ADDRESS CERTIFICATE KEY
package main

import (
	"crypto/tls"
	"log"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) != 6 {
		log.Fatal("usage: peer FOLDER ADDRESS TLS_ADDRESS CERTIFICATE KEY")
	}
	files := http.FileServer(http.Dir(os.Args[1]))
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	plain := &http.Server{Addr: os.Args[2], Handler: files, Protocols: protocols}
	secure := &http.Server{Addr: os.Args[3], Handler: files, Protocols: protocols, TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13}}
	go func() { log.Fatal(plain.ListenAndServe()) }()
	log.Fatal(secure.ListenAndServeTLS(os.Args[4], os.Args[5]))
}
