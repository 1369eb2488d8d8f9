// Requests by Go's net/http: http.go VERSION URL [ca.pem client.pem client.key]. VERSION is 1 or 2; 2 without TLS is by
// prior knowledge. Sends a megabyte, of known length and of unknown, and expects it back.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	version, url := os.Args[1], os.Args[2]
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version == "1")
	transport.Protocols.SetHTTP2(version == "2")
	transport.Protocols.SetUnencryptedHTTP2(version == "2")
	if len(os.Args) > 3 {
		roots := x509.NewCertPool()
		authority, err := os.ReadFile(os.Args[3])
		check(err)
		roots.AppendCertsFromPEM(authority)
		own, err := tls.LoadX509KeyPair(os.Args[4], os.Args[5])
		check(err)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{own}}
	}
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	body := bytes.Repeat([]byte("0123456789abcdef"), 65536)
	for _, known := range []bool{true, false} {
		request, err := http.NewRequest("POST", url, bytes.NewReader(body))
		check(err)
		if !known {
			request.ContentLength = -1
		}
		answer, err := client.Do(request)
		check(err)
		back, err := io.ReadAll(answer.Body)
		check(err)
		if answer.StatusCode != 200 || !bytes.Equal(back, body) {
			panic(fmt.Sprintf("%d with %d bytes (expected: 200, the same)", answer.StatusCode, len(back)))
		}
		if fmt.Sprint(answer.ProtoMajor) != version {
			panic("version: " + answer.Proto)
		}
	}
	head, err := client.Head(url)
	check(err)
	if head.StatusCode != 200 {
		panic(head.Status)
	}
	fmt.Println("ok")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
