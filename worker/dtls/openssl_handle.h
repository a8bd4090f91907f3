#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace sfu::dtls {

// Owners for the OpenSSL objects that live within one function or one .cc file. Internal to this
// folder.
template <auto kFree>
struct OpenSslDeleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using X509Handle = std::unique_ptr<X509, OpenSslDeleter<&X509_free>>;
using BioMethodHandle = std::unique_ptr<BIO_METHOD, OpenSslDeleter<&BIO_meth_free>>;

}  // namespace sfu::dtls
