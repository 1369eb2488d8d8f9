@NullMarked
package io.handfast.proxy.http.grpc;

import org.jspecify.annotations.NullMarked;
