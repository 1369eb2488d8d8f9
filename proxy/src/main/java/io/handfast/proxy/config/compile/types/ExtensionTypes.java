package io.handfast.proxy.config.compile.types;

import com.google.protobuf.Message;
import io.handfast.proxy.config.extension.BootstrapExtensionParser;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.xds.resource.MessageNames;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.text.TreeMerger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds parsers and messages of extensions. Pure functions. */
public final class ExtensionTypes {

  private ExtensionTypes() {}

  public static Optional<NetworkFilterParser> networkFilter(Extensions extensions, Message config) {
    return extensions.networkFilters().stream()
        .filter(parser -> sameType(parser.type(), config))
        .findFirst();
  }

  public static Optional<HttpFilterParser> httpFilter(Extensions extensions, Message config) {
    return extensions.httpFilters().stream()
        .filter(parser -> sameType(parser.type(), config))
        .findFirst();
  }

  public static Optional<BootstrapExtensionParser> bootstrap(
      Extensions extensions, Message config) {
    return extensions.bootstrapExtensions().stream()
        .filter(parser -> sameType(parser.type(), config))
        .findFirst();
  }

  public static boolean sameType(Message a, Message b) {
    return a.getClass() == b.getClass();
  }

  public static String nameOf(Message message) {
    return MessageNames.of(message);
  }

  /** Envoy's messages and those of the extensions. */
  public static TypeRegistry registry(Extensions extensions) {
    List<Message> types = new ArrayList<>(EnvoyTypes.ALL);
    extensions.networkFilters().forEach(parser -> types.add(parser.type()));
    for (HttpFilterParser parser : extensions.httpFilters()) {
      types.add(parser.type());
      types.addAll(parser.perRouteTypes());
    }
    extensions.clusterMetadata().forEach(parser -> types.add(parser.type()));
    extensions.bootstrapExtensions().forEach(parser -> types.add(parser.type()));
    return TypeRegistry.of(types).reading(TreeMerger::read);
  }
}
