package io.handfast.proxy.tls;

import io.handfast.proxy.tls.Pem.Block;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Private keys from PEM: PKCS#8, plain or encrypted, and the older forms of RSA (PKCS#1) and EC
 * (SEC 1) keys that OpenSSL and cert-manager write. Stateless.
 */
final class PrivateKeys {
  private static final byte[] VERSION = HexFormat.of().parseHex("020100");
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] EC_OID = HexFormat.of().parseHex("06072a8648ce3d0201");
  private static final String OID_PBES2 = "1.2.840.113549.1.5.13";
  private static final String EXPECTED =
      "a private key in PEM: PRIVATE KEY, ENCRYPTED PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY";

  private PrivateKeys() {}

  /**
   * The first key of the text.
   *
   * @param title of its source, for errors
   * @param password of an encrypted key; null if none is configured
   * @param publicKey of the certificate that the key belongs to: says which kind of key it is
   * @throws TlsMaterialException what is wrong, without anything of the key
   */
  static PrivateKey parse(
      List<Block> blocks, String title, @Nullable String password, PublicKey publicKey)
      throws TlsMaterialException {
    Block block =
        blocks.stream()
            .filter(candidate -> candidate.label().endsWith("PRIVATE KEY"))
            .findFirst()
            .orElseThrow(() -> new TlsMaterialException(title + ": no key", EXPECTED));
    if (block.hasHeaders()) {
      throw new TlsMaterialException(
          title + ": encrypted in OpenSSL's old format",
          "PKCS#8, as 'openssl pkcs8 -topk8' writes it, with password set");
    }
    try {
      KeySpec spec =
          switch (block.label()) {
            case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(block.content());
            case "ENCRYPTED PRIVATE KEY" -> decrypted(block.content(), title, password);
            case "RSA PRIVATE KEY" ->
                new PKCS8EncodedKeySpec(
                    Der.sequence(VERSION, RSA, Der.octetString(block.content())));
            case "EC PRIVATE KEY" -> new PKCS8EncodedKeySpec(ec(block.content(), publicKey));
            default -> throw new TlsMaterialException(title + ": " + block.label(), EXPECTED);
          };
      return KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(spec);
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw new TlsMaterialException(
          title + ": cannot be read as a key of kind " + publicKey.getAlgorithm(),
          "the private key of the certificate");
    }
  }

  private static KeySpec decrypted(byte[] content, String title, @Nullable String password)
      throws TlsMaterialException, GeneralSecurityException, IOException {
    if (password == null) {
      throw new TlsMaterialException(
          title + ": encrypted", "password beside it, or a key in plaintext");
    }
    EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(content);
    AlgorithmParameters parameters = encrypted.getAlgParameters();
    String name = encrypted.getAlgName();
    // PBES2 says by its parameters what it is.
    String algorithm =
        parameters != null && (name.equals("PBES2") || name.equals(OID_PBES2))
            ? parameters.toString()
            : name;
    try {
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm)
              .generateSecret(new PBEKeySpec(password.toCharArray())),
          parameters);
      return encrypted.getKeySpec(cipher);
    } catch (InvalidKeyException | InvalidKeySpecException e) {
      throw new TlsMaterialException(
          title + ": cannot be decrypted", "the key's password in password");
    }
  }

  /** SEC 1 may leave the curve out; the certificate has it. */
  private static byte[] ec(byte[] content, PublicKey publicKey)
      throws GeneralSecurityException, IOException {
    if (!(publicKey instanceof ECPublicKey key)) {
      throw new InvalidKeyException("the certificate has another kind of key");
    }
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(key.getParams());
    return Der.sequence(
        VERSION, Der.sequence(EC_OID, parameters.getEncoded()), Der.octetString(content));
  }
}
