#!/bin/sh
# How these certificates were made, once; good until 2126, but for expired.pem and early.pem.
# All keys here are published, and worth nothing.
set -eu
cd "$(dirname "$0")"
sign() { # NAME EXTENSIONS NOT-BEFORE NOT-AFTER, then how it is signed
  name=$1 extensions=$2 begin=$3 end=$4
  shift 4
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key" 2>/dev/null
  openssl req -new -key "$name.key" -subj "/CN=${subject:-sessionvitals test $name}" -out request.csr
  : > index.txt
  printf '[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nrand_serial=yes\nnew_certs_dir=.\n' > ca.conf
  printf 'default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n[x]\n%b' "$extensions" >> ca.conf
  openssl ca -batch -notext -config ca.conf -extensions x -startdate "$begin" -enddate "$end" \
    -in request.csr -out "$name.crt" "$@" 2>/dev/null
  cat "$name.crt" "$name.key" > "$name.pem"
  rm -f request.csr "$name.crt" index.txt* ca.conf [0-9A-F][0-9A-F]*.pem
}
authority() { sign "$1" 'basicConstraints=critical,CA:TRUE\n' "$long_ago" "$far" -selfsign -keyfile "$1.key"; }
leaf() { sign "$1" "subjectAltName=$2\n" "$3" "$4" -cert authority.pem -keyfile authority.key; }
long_ago=20200101000000Z far=21260101000000Z here=DNS:localhost,IP:127.0.0.1,IP:::1
authority authority
authority stranger
leaf server $here $long_ago $far
leaf other-host DNS:other.example $long_ago $far
leaf expired $here 20010101000000Z 20020101000000Z
leaf early $here 21200101000000Z $far
leaf client DNS:client $long_ago $far
sign self-signed "subjectAltName=$here\n" $long_ago $far -selfsign -keyfile self-signed.key
subject=localhost sign no-names 'basicConstraints=CA:FALSE\n' $long_ago $far -cert authority.pem -keyfile authority.key
authority root
sign intermediate 'basicConstraints=critical,CA:TRUE\n' $long_ago $far -cert root.pem -keyfile root.key
sign deep "subjectAltName=$here\n" $long_ago $far -cert intermediate.pem -keyfile intermediate.key
openssl x509 -in intermediate.pem >> deep.pem && rm intermediate.pem
for name in authority stranger root; do openssl x509 -in $name.pem -out $name.pem.new && mv $name.pem.new $name.pem; done
rm -f ./*.key
openssl x509 -in authority.pem -noout -hash > authority.hash
