package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.compile.address.Addresses;
import io.handfast.proxy.config.compile.overload.OverloadCompiler;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.BootstrapExtensionParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.overload.OverloadConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What holds for the process, whatever listeners and clusters there are.
 *
 * @param warnings what is legal and should be looked at
 */
record ProcessConfig(
    AdminConfig admin, List<Object> extensions, OverloadConfig overload, List<String> warnings) {

  static ProcessConfig compile(Bootstrap process, Compilation compilation, Scope whole) {
    List<String> warnings = new ArrayList<>();
    return new ProcessConfig(
        admin(process.getAdmin(), whole.field("admin"), warnings),
        bootstrapExtensions(process, compilation, whole),
        process.hasOverloadManager()
            ? OverloadCompiler.compile(
                process.getOverloadManager(), compilation::unpack, whole.field("overload_manager"))
            : OverloadConfig.DEFAULTS,
        warnings);
  }

  private static AdminConfig admin(Admin proto, Scope scope, List<String> warnings) {
    if (!proto.hasAddress()) {
      return AdminConfig.DEFAULTS;
    }
    NetworkAddress.Tcp address = Addresses.toBindTcp(proto.getAddress(), scope.field("address"));
    if (address == null) {
      return AdminConfig.DEFAULTS;
    }
    if (!Addresses.isLoopback(address)) {
      warnings.add(
          "admin.address: "
              + address
              + " can be reached from outside, and the administration server asks nobody who he is (expected: a loopback address)");
    }
    return new AdminConfig(address);
  }

  private static List<Object> bootstrapExtensions(
      Bootstrap process, Compilation compilation, Scope whole) {
    List<Object> parsed = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < process.getBootstrapExtensionsCount(); i++) {
      TypedExtensionConfig extension = process.getBootstrapExtensions(i);
      Scope here = whole.field("bootstrap_extensions", i).field("typed_config");
      if (extension.getTypedConfig().equals(Any.getDefaultInstance())) {
        here.error("missing (expected: the configuration of the extension)");
        continue;
      }
      Optional<Message> message = compilation.unpack(extension.getTypedConfig(), here);
      if (message.isEmpty()) {
        continue;
      }
      String type = message.get().getDescriptorForType().getFullName();
      Optional<BootstrapExtensionParser> parser =
          ExtensionTypes.bootstrap(compilation.extensions(), message.get());
      String first = seen.putIfAbsent(type, here.path());
      if (parser.isEmpty()) {
        here.error(type + " is not a bootstrap extension (expected: one of docs/CONFIG.md)");
      } else if (first != null) {
        here.error(type, "each extension once; " + first + " has it");
      } else {
        Object object = parser.get().parse(message.get(), here);
        if (object != null) {
          parsed.add(object);
        }
      }
    }
    return parsed;
  }
}
