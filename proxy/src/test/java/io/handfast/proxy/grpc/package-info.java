/** gRPC through one sidecar and two, with grpc-java's own clients and servers at the ends. */
@NullMarked
package io.handfast.proxy.grpc;

import org.jspecify.annotations.NullMarked;
