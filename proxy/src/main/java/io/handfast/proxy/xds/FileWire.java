package io.handfast.proxy.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.handfast.xds.bootstrap.MessageLoader;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.stream.Wire;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of resources ({@code path_config_source}) as if a server sent it, again whenever it
 * changes. One that cannot be read leaves what it said before. Confined to the executor; {@link
 * #changed} is for any thread.
 */
final class FileWire implements Wire {
  private static final Logger LOG = LoggerFactory.getLogger(FileWire.class);

  private final Path file;
  private final Path watched;
  private final ResourceType<?> type;
  private final MessageLoader loader;
  private final Executor executor;
  private final Consumer<FileWire> onClose;
  private final Consumer<Set<String>> onUnreadable;
  private @Nullable FileCall open;

  /**
   * @param executor may block on the disk
   * @param onClose told at the end
   * @param onUnreadable told of each attempt in vain, with the names that are wanted
   */
  FileWire(
      PathConfigSource source,
      ResourceType<?> type,
      MessageLoader loader,
      Executor executor,
      Consumer<FileWire> onClose,
      Consumer<Set<String>> onUnreadable) {
    this.onUnreadable = onUnreadable;
    this.file = Path.of(source.getPath());
    this.watched = watched(source);
    this.type = type;
    this.loader = loader;
    this.executor = executor;
    this.onClose = onClose;
  }

  /**
   * The directory whose changes matter, or a file in it.
   *
   * @throws java.nio.file.InvalidPathException if no file can have such a name
   */
  static Path watched(PathConfigSource source) {
    Path file = Path.of(source.getPath());
    return source.hasWatchedDirectory() ? Path.of(source.getWatchedDirectory().getPath()) : file;
  }

  Path watched() {
    return watched;
  }

  @Override
  public Call open(Listener listener) {
    FileCall call = new FileCall(listener);
    open = call;
    listener.ready();
    return call;
  }

  /** The file may be another. */
  void changed() {
    try {
      executor.execute(() -> {
        FileCall call = open;
        if (call != null) {
          call.offer();
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: changed after the end", file);
    }
  }

  @Override
  public void close() {
    open = null;
    onClose.accept(this);
  }

  /** What the file says; null if it cannot be read. */
  private @Nullable DiscoveryResponse read(FileCall call) {
    ConfigErrors errors = new ConfigErrors();
    DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder();
    loader.load(file, "a DiscoveryResponse", response, errors);
    if (!errors.isEmpty()) {
      call.complain(file + ": " + errors.list());
      return null;
    }
    call.complaint = "";
    return response.setTypeUrl(type.typeUrl()).build();
  }

  private final class FileCall implements Call {
    private final Listener listener;
    private Set<String> names = Set.of();
    private List<Any> told = List.of();
    private String complaint = "";
    private boolean wanted;
    private boolean changed;
    private boolean asked;
    private long nonce;

    FileCall(Listener listener) {
      this.listener = listener;
    }

    /** Anything but an answer is a question. */
    @Override
    public void send(Message request) {
      DiscoveryRequest sotw = (DiscoveryRequest) request;
      Set<String> wantedNames = Set.copyOf(sotw.getResourceNamesList());
      if (!asked || !wantedNames.equals(names)) {
        names = wantedNames;
        asked = true;
        told = List.of();
        offer();
      }
    }

    @Override
    public void readNext() {
      wanted = true;
      if (changed) {
        offer();
      }
    }

    void offer() {
      changed = true;
      if (!wanted || !asked) {
        return;
      }
      changed = false;
      DiscoveryResponse response = read(this);
      if (response == null) {
        onUnreadable.accept(names);
        return;
      }
      if (nonce > 0 && response.getResourcesList().equals(told)) {
        return;
      }
      told = response.getResourcesList();
      wanted = false;
      nonce++;
      listener.received(
          response.toBuilder().setVersionInfo(version(response)).setNonce("" + nonce).build());
    }

    /** A file need not say one. */
    private String version(DiscoveryResponse response) {
      ByteString content = response.toByteString();
      return response.getVersionInfo().isEmpty()
          ? Integer.toHexString(content.hashCode())
          : response.getVersionInfo();
    }

    void complain(String text) {
      if (!text.equals(complaint)) {
        complaint = text;
        LOG.warn("file not read, what it said before stays: {}", text);
      }
    }

    @Override
    public void cancel(String reason) {
      open = null;
    }
  }
}
