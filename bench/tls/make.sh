#!/bin/sh
# Makes the chain of which `bench/src/answerer/tls.rs` tells: as long, and of the same keys, as that of AWS's
# endpoints (RSA 2048: root, intermediate, leaf). Nobody trusts it, so its key opens nothing.
set -eu
cd "$(dirname "$0")"
days=36500
ca='basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign'
openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days $days -subj '/CN=Watchfire bench root' \
  -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' -keyout root.key -out root.pem
openssl req -newkey rsa:2048 -nodes -subj '/CN=Watchfire bench intermediate' -keyout between.key -out between.csr
printf "$ca" > ca.ext
openssl x509 -req -sha256 -days $days -in between.csr -CA root.pem -CAkey root.key -set_serial 2 -extfile ca.ext -out between.pem
openssl req -newkey rsa:2048 -nodes -subj '/CN=127.0.0.1' -keyout leaf.key -out leaf.csr
printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth' > leaf.ext
openssl x509 -req -sha256 -days $days -in leaf.csr -CA between.pem -CAkey between.key -set_serial 3 -extfile leaf.ext -out leaf.pem
cat leaf.pem between.pem > chain.pem
rm -f root.key between.key between.csr between.pem leaf.csr leaf.pem ca.ext leaf.ext
