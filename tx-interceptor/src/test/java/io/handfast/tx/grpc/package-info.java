@NullMarked
package io.handfast.tx.grpc;

import org.jspecify.annotations.NullMarked;
