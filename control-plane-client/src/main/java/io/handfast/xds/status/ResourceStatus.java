package io.handfast.xds.status;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.handfast.xds.resource.Content;
import io.handfast.xds.resource.ResourceName;
import java.util.Optional;

/**
 * What is known of one resource. Immutable.
 *
 * @param state as client status discovery names it
 * @param accepted the last version that was taken; stays while a newer one is refused
 * @param before the one that was taken before it, while that one still serves
 * @param failure why the newest one is not used, or what the server says of it; empty if all is
 *     well
 */
public record ResourceStatus(
    ResourceName name,
    ClientResourceStatus state,
    Optional<Accepted> accepted,
    Optional<Accepted> before,
    Optional<Failure> failure) {

  /**
   * A version that was taken.
   *
   * @param version as its control plane calls it
   * @param updatedMillis when it came last, in milliseconds since 1970
   * @param changedMillis when it came first: since then nothing but the version has changed
   */
  public record Accepted(
      Content<?> content, String version, long updatedMillis, long changedMillis) {

    /** The resource; made anew each time while its content rests. */
    public Message message() {
      return content.message();
    }
  }

  /**
   * A version that was not taken.
   *
   * @param configuration what was refused, as far as it could be read
   * @param version as its control plane calls it; empty if it has none
   * @param attemptMillis when, in milliseconds since 1970
   * @param details every error, one a line
   */
  public record Failure(
      Optional<Message> configuration, String version, long attemptMillis, String details) {}

  static ResourceStatus requested(ResourceName name) {
    return new ResourceStatus(
        name, ClientResourceStatus.REQUESTED, Optional.empty(), Optional.empty(), Optional.empty());
  }

  ResourceStatus with(ClientResourceStatus next) {
    return new ResourceStatus(name, next, accepted, before, Optional.empty());
  }

  ResourceStatus with(ClientResourceStatus next, Failure why) {
    return new ResourceStatus(name, next, accepted, before, Optional.of(why));
  }

  /** Another version, which does not serve yet. */
  ResourceStatus changed(Accepted next) {
    return new ResourceStatus(
        name,
        ClientResourceStatus.ACKED,
        Optional.of(next),
        before.or(() -> accepted),
        Optional.empty());
  }

  /** The same one under another version. */
  ResourceStatus again(String version, long nowMillis) {
    Optional<Accepted> same =
        accepted.map(it -> new Accepted(it.content(), version, nowMillis, it.changedMillis()));
    return new ResourceStatus(name, ClientResourceStatus.ACKED, same, before, Optional.empty());
  }

  /** The newest one fits into no configuration: what was there before serves on. */
  ResourceStatus unfit(long nowMillis, String details) {
    Failure why =
        new Failure(
            accepted.map(Accepted::message),
            accepted.map(Accepted::version).orElse(""),
            nowMillis,
            details);
    return new ResourceStatus(
        name, ClientResourceStatus.NACKED, before, Optional.empty(), Optional.of(why));
  }

  /** Now it fits. */
  ResourceStatus fit() {
    Optional<Accepted> fitting =
        failure.flatMap(why ->
            why.configuration()
                .map(message ->
                    new Accepted(
                        new Content<>(message),
                        why.version(),
                        why.attemptMillis(),
                        why.attemptMillis())));
    return state == ClientResourceStatus.NACKED && fitting.isPresent()
        ? new ResourceStatus(
            name, ClientResourceStatus.ACKED, fitting, Optional.empty(), Optional.empty())
        : this;
  }

  /** With the very content that serves where it is equal, which comes to rest. */
  ResourceStatus sharing(Content<?> serving) {
    Optional<Accepted> shared =
        accepted
            .filter(it -> it.content().equals(serving))
            .map(it -> new Accepted(serving, it.version(), it.updatedMillis(), it.changedMillis()));
    return new ResourceStatus(name, state, shared.or(() -> accepted), before, failure);
  }

  boolean isRefused(Message message) {
    return failure.flatMap(Failure::configuration).equals(Optional.of(message));
  }

  /** The newest one serves. */
  ResourceStatus settled() {
    return new ResourceStatus(name, state, accepted, Optional.empty(), failure);
  }

  /** Nothing of it serves. */
  ResourceStatus gone() {
    return new ResourceStatus(name, state, Optional.empty(), Optional.empty(), failure);
  }
}
