package io.handfast.proxy.config.compile;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.xds.bootstrap.BootstrapLoader;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.FieldTable;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.store.SnapshotCompiler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The way into the configuration: reads a bootstrap, tells everything that is wrong with it, and
 * gives the store what it needs. Thread-safe; reads files, so not for an event loop.
 *
 * <pre>
 * ConfigLoader loader = new ConfigLoader(extensions);
 * ConfigStore&lt;ConfigSnapshot&gt; store = new ConfigStore&lt;&gt;(loader.compiler(), warmer, executor, compiling, ConfigStore.DEFAULT_WARM_LIMIT);
 * store.offer(loader.load(source));
 * </pre>
 */
public final class ConfigLoader {

  private static final String TABLE = "fields.txt";

  private final TypeRegistry types;
  private final BootstrapLoader bootstraps;
  private final ConfigCompiler compiler;

  /** A loader that knows Envoy's messages and those of the extensions. */
  public ConfigLoader(Extensions extensions) {
    this.types = ExtensionTypes.registry(extensions);
    this.bootstraps = new BootstrapLoader(types);
    this.compiler = new ConfigCompiler(extensions, types, table());
  }

  /** The messages that may stand in an {@code Any} of a configuration. */
  public TypeRegistry types() {
    return types;
  }

  /** What makes snapshots of resources, for the store. */
  public SnapshotCompiler<ConfigSnapshot> compiler() {
    return compiler;
  }

  /**
   * Whether a resource that a control plane offers can be used, as far as it can be told without
   * what has still to come.
   *
   * @param held the resources that are there
   * @param others of its type, which it will stand beside
   * @return all that is wrong with it, each with the path of its field
   */
  public List<ConfigError> check(
      ResourceType<?> type,
      Offered<? extends Message> offered,
      ResourceSet held,
      Supplier<Stream<Offered<? extends Message>>> others) {
    return compiler.check(type, offered, held, others);
  }

  /** Reads and checks a bootstrap without using it; tells everything that is wrong with it. */
  public Compiled<ConfigSnapshot> validate(BootstrapSource source) {
    ConfigErrors errors = new ConfigErrors();
    Bootstrap bootstrap = bootstraps.load(source, errors);
    return check(ResourceSet.of(bootstrap), errors);
  }

  /** Reads a bootstrap; what is wrong with it is not told. */
  public Bootstrap process(BootstrapSource source) {
    return bootstraps.load(source, new ConfigErrors());
  }

  /**
   * Reads and checks a bootstrap. What was compiled to check it is what {@link #compiler} makes of
   * the resources given back: nothing is compiled a second time to serve. Of a part of them, which
   * serves while the rest waits for a control plane, only what looks for clusters is.
   *
   * @throws InvalidConfigException with everything that is wrong with it
   */
  public ResourceSet load(BootstrapSource source) throws InvalidConfigException {
    ConfigErrors errors = new ConfigErrors();
    Bootstrap bootstrap = bootstraps.load(source, errors);
    ResourceSet resources = ResourceSet.of(bootstrap);
    Compiled<ConfigSnapshot> compiled = check(resources, errors);
    if (!compiled.errors().isEmpty()) {
      throw new InvalidConfigException(compiled.errors());
    }
    return resources;
  }

  private Compiled<ConfigSnapshot> check(ResourceSet resources, ConfigErrors errors) {
    Compiled<ConfigSnapshot> compiled = compiler.compile(1, resources);
    errors.addAll(compiled.errors());
    return new Compiled<>(
        errors.isEmpty() ? compiled.snapshot() : Optional.empty(),
        errors.list(),
        compiled.observed(),
        compiled.warnings());
  }

  /** The table of what is honoured. */
  static FieldTable table() {
    try (InputStream in = ConfigLoader.class.getResourceAsStream(TABLE)) {
      if (in == null) {
        throw new IllegalStateException(
            TABLE
                + ": missing (expected: in the jar, beside "
                + ConfigLoader.class.getName()
                + ")");
      }
      return FieldTable.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
