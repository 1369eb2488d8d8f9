/**
 * What the bank's services have in common with any others that speak gRPC: {@link
 * io.handfast.example.bank.grpc.GrpcServer a server}, {@link
 * io.handfast.example.bank.grpc.CallMetadata the metadata} of calls that come and go, and {@link
 * io.handfast.example.bank.grpc.Statuses what a status says}.
 */
@NullMarked
package io.handfast.example.bank.grpc;

import org.jspecify.annotations.NullMarked;
