package io.handfast.proxy.crash;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A jar to be put before the shipped ones: it has the classes of the points, with a call of {@link
 * CrashHook#reached} woven in at each, and takes their place. No agent does that in the process
 * itself, because a JVM with an agent that transforms starts half as fast.
 */
final class CrashJar {
  private static final ClassDesc HOOK = ClassDesc.of(CrashHook.class.getName());
  private static final MethodTypeDesc REACHED =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

  private CrashJar() {}

  /**
   * Writes the jar with all points, and prints these: {@code java -cp 'LIB/*' CrashJar.java JAR}.
   */
  public static void main(String[] arguments) throws IOException {
    write(Path.of(arguments[0]), Scenario.POINTS);
    Scenario.POINTS.forEach(System.out::println);
  }

  /**
   * Writes the jar.
   *
   * @throws IllegalArgumentException if a point names no method: it was renamed, and with it would
   *     go what the point is to prove
   */
  static Path write(Path jar, List<CrashPoint> points) throws IOException {
    Map<String, byte[]> classes = new LinkedHashMap<>();
    classes.put(CrashHook.class.getName(), read(CrashHook.class.getName()));
    for (CrashPoint point : points) {
      byte[] woven = classes.get(point.type());
      classes.put(point.type(), weave(woven == null ? read(point.type()) : woven, point));
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Map.Entry<String, byte[]> type : classes.entrySet()) {
        out.putNextEntry(new JarEntry(resource(type.getKey())));
        out.write(type.getValue());
      }
    }
    return jar;
  }

  private static String resource(String type) {
    return type.replace('.', '/') + ".class";
  }

  private static byte[] read(String type) throws IOException {
    try (var bytes = CrashJar.class.getClassLoader().getResourceAsStream(resource(type))) {
      if (bytes == null) {
        throw new IllegalArgumentException(type + ": no such class");
      }
      return bytes.readAllBytes();
    }
  }

  private static byte[] weave(byte[] bytes, CrashPoint point) {
    ClassFile classFile = ClassFile.of();
    ClassModel model = classFile.parse(bytes);
    if (model.methods().stream().noneMatch(method -> isMeant(method, point))) {
      throw new IllegalArgumentException(point + ": no such method");
    }
    return classFile.transformClass(
        model,
        ClassTransform.transformingMethodBodies(method -> isMeant(method, point), at(point)));
  }

  private static boolean isMeant(MethodModel method, CrashPoint point) {
    return method.methodName().equalsString(point.method()) && method.code().isPresent();
  }

  private static CodeTransform at(CrashPoint point) {
    String text = point.toString();
    return point.entry()
        ? new AtEntry(text)
        : (builder, element) -> {
          if (element instanceof ReturnInstruction) {
            callReached(builder, text);
          }
          builder.with(element);
        };
  }

  private record AtEntry(String point) implements CodeTransform {
    @Override
    public void atStart(CodeBuilder builder) {
      callReached(builder, point);
    }

    @Override
    public void accept(CodeBuilder builder, CodeElement element) {
      builder.with(element);
    }
  }

  private static void callReached(CodeBuilder builder, String point) {
    builder.loadConstant(point).invokestatic(HOOK, "reached", REACHED);
  }
}
