/**
 * gRPC on the administration server's port, by prior knowledge of HTTP/2: {@link
 * io.handfast.proxy.admin.csds.GrpcDoor} hands such connections to a server of gRPC's own inside of
 * this process, which serves {@link io.handfast.proxy.admin.csds.StatusService}.
 */
@NullMarked
package io.handfast.proxy.admin.csds;

import org.jspecify.annotations.NullMarked;
