package io.handfast.example.bank.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.handfast.example.bank.web.TraceContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The metadata of a call that is being served, or of one that a service makes. Immutable. */
public final class CallMetadata {
  private static final Context.Key<CallMetadata> CURRENT = Context.key("call-metadata");

  private final Metadata metadata;

  private CallMetadata(Metadata metadata) {
    this.metadata = metadata;
  }

  /** Of the call that this thread serves. */
  public static CallMetadata current() {
    CallMetadata current = CURRENT.get();
    if (current == null) {
      throw new IllegalStateException("no call is served on " + Thread.currentThread());
    }
    return current;
  }

  /** For calls that have the trace context and one name and value of their own. */
  public static CallMetadata of(TraceContext trace, String name, String value) {
    Metadata metadata = new Metadata();
    trace.fields().forEach((field, values) -> values.forEach(it -> metadata.put(key(field), it)));
    metadata.put(key(name), value);
    return new CallMetadata(metadata);
  }

  /** What calls that are made meanwhile carry on. */
  public TraceContext trace() {
    return TraceContext.read(this::values);
  }

  /** The last value of a name; null without one. */
  public @Nullable String value(String name) {
    return metadata.get(key(name));
  }

  /** A stub whose calls have this metadata. */
  public <S extends AbstractStub<S>> S on(S stub) {
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  static ServerInterceptor reader() {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
        Context context = Context.current().withValue(CURRENT, new CallMetadata(metadata));
        return Contexts.interceptCall(context, call, metadata, next);
      }
    };
  }

  private List<String> values(String name) {
    List<String> values = new ArrayList<>();
    Iterable<String> found = metadata.getAll(key(name));
    if (found != null) {
      found.forEach(values::add);
    }
    return values;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
