using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>What was forgotten, when, and what became of the adapter; signed with the workspace's own key (ECDSA over P-256 with SHA-256). It holds no word of what was forgotten.</summary>
public sealed record Receipt
{
    private const string KeyFile = "key.pem";

    /// <summary>Whose.</summary>
    public required string Owner { get; init; }

    /// <summary>When it was done, UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>What was asked for: a text, an id, messages, or all.</summary>
    public required string Asked { get; init; }

    /// <summary>Ids of the messages that were erased.</summary>
    public required IReadOnlyList<string> Messages { get; init; }

    /// <summary>Ids of the conversations that were erased whole.</summary>
    public required IReadOnlyList<string> Conversations { get; init; }

    /// <summary>How many facts nobody has told any more.</summary>
    public required int Facts { get; init; }

    /// <summary>Numbers of the mornings that were erased.</summary>
    public required IReadOnlyList<int> Mornings { get; init; }

    /// <summary>Hashes of their adapters.</summary>
    public required IReadOnlyList<string> MorningHashes { get; init; }

    /// <summary>Id of the base; null where the owner had no adapter.</summary>
    public string? BaseId { get; init; }

    /// <summary>Hash of the adapter that served before; null for none.</summary>
    public string? Before { get; init; }

    /// <summary>Hash of the adapter that serves now; null for none: the base alone.</summary>
    public string? After { get; init; }

    /// <summary>Whether the adapter was made anew; if not, none had learned from what was forgotten.</summary>
    public bool WasRebuilt { get; init; }

    /// <summary>Hash of the adapter of a journal that never had what was forgotten: the same as <see cref="After"/>; null where there is none, as there.</summary>
    public string? Proof { get; init; }

    /// <summary>What became of the company's adapter; null where it had learned nothing from what was forgotten.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CompanyReceipt? Company { get; init; }

    /// <summary>The public key, as PEM.</summary>
    public string PublicKey { get; init; } = "";

    /// <summary>Signature of everything else, as base64 (IEEE P1363).</summary>
    public string Signature { get; init; } = "";

    /// <summary>The file; null before it is written.</summary>
    [JsonIgnore]
    public string? File { get; init; }

    /// <summary>Signs a receipt and writes it into the workspace.</summary>
    internal static Receipt Sign(Workspace workspace, Receipt receipt)
    {
        string folder = Folder(workspace);
        using ECDsa key = Key(folder);
        receipt = receipt with { PublicKey = key.ExportSubjectPublicKeyInfoPem(), Signature = "" };
        receipt = receipt with { Signature = Convert.ToBase64String(key.SignData(Signed(receipt), HashAlgorithmName.SHA256)) };
        string file = Path.Combine(folder, $"{receipt.When:yyyyMMdd-HHmmss}-{Convert.ToHexStringLower(SHA256.HashData(Signed(receipt)))[..8]}.json");
        SleepJson.Write(file, receipt);
        return receipt with { File = file };
    }

    /// <summary>Reads a receipt and looks whether it is what this workspace signed.</summary>
    /// <exception cref="ReverieException">It is no receipt, was changed, or was signed elsewhere.</exception>
    public static Receipt Verify(Workspace workspace, string file)
    {
        Receipt receipt;
        try
        {
            receipt = SleepJson.Read<Receipt>(file);
        }
        catch (ReverieException e)
        {
            throw new ReverieException($"{file} is no receipt, or it is damaged.", e);
        }

        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportFromPem(receipt.PublicKey);
            if (!key.VerifyData(Signed(receipt), Convert.FromBase64String(receipt.Signature), HashAlgorithmName.SHA256)) throw new ReverieException($"{file} was changed after it was signed.");
            using ECDsa own = Key(Folder(workspace));
            if (own.ExportSubjectPublicKeyInfoPem() != receipt.PublicKey) throw new ReverieException($"{file} was signed by another workspace. Name it with --workspace.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            throw new ReverieException($"{file} was changed after it was signed.", e);
        }

        return receipt with { File = file };
    }

    private static string Folder(Workspace workspace) => Path.Combine(workspace.Root, "receipts");

    private static byte[] Signed(Receipt receipt) => Encoding.UTF8.GetBytes(SleepJson.Text(receipt with { Signature = "" }));

    private static ECDsa Key(string folder)
    {
        string path = Path.Combine(folder, KeyFile);
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (System.IO.File.Exists(path))
        {
            key.ImportFromPem(System.IO.File.ReadAllText(path));
            return key;
        }

        Directory.CreateDirectory(folder);
        string temporary = path + "." + Guid.NewGuid().ToString("N");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(temporary, options)) writer.Write(key.ExportPkcs8PrivateKeyPem());
        System.IO.File.Move(temporary, path, overwrite: false);
        return key;
    }
}

/// <summary>What a forgetting did to the company's adapter.</summary>
/// <param name="MorningHashes">Hashes of the adapters that were erased because too few persons tell now what they had learned.</param>
/// <param name="Before">Hash of the adapter that served before; null for none.</param>
/// <param name="After">Hash of the adapter that serves now; null for none.</param>
/// <param name="Proof">Hash of the adapter of journals that never had what was forgotten: the same as <paramref name="After"/>.</param>
/// <param name="WasRebuilt">Whether it was made anew; if not, the next night of the company does it.</param>
public sealed record CompanyReceipt(IReadOnlyList<string> MorningHashes, string? Before, string? After, string? Proof, bool WasRebuilt);
