#pragma once

namespace sfu::srtp {

// Initialises libsrtp and puts OpenSSL's ciphers into it, through its public replacement calls, for
// every cipher our profiles use: AES-CM with 128 and 256 bits (payloads and key derivation),
// AES-GCM with 128 and 256 bits, and HMAC-SHA1. As packaged by Debian, libsrtp runs on NSS, which
// is two to five times slower.
//
// libsrtp tries each replacement on test vectors before it accepts it; a refusal is our own bug
// (SFU_CHECK). Done once per process however often it is called, from any thread. Everything in
// this folder calls it before it touches libsrtp.
void InstallOpenSslCiphers();

}  // namespace sfu::srtp
