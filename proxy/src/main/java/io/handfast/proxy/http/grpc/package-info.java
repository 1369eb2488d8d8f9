/**
 * What gRPC adds to HTTP, as a proxy needs it: which messages are gRPC, the status codes, and the
 * fields that carry them. Knows no codec and no stub.
 */
@NullMarked
package io.handfast.proxy.http.grpc;

import org.jspecify.annotations.NullMarked;
