using System.Globalization;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// One person's adapters in a <see cref="Workspace"/>: <c>adapters/&lt;owner&gt;/&lt;n&gt;/</c>, which never change, and beside them, for each model that they
/// were made for, <c>current.&lt;first 16 digits of its id&gt;</c>: the number of the one that the model wears for her, 0 for none, and whether it
/// is pinned. Each reading of a pointer sees one whole writing of it.
/// </summary>
public sealed class PersonalAdapters
{
    /// <summary>Stands between owner and number in an adapter's name.</summary>
    public const char Separator = '/';

    /// <summary>The company's name among owners. No user can have it.</summary>
    public const string Company = "the company";

    private const string CompanyFolder = "company";

    private const int LongestOwner = 64, IdDigits = 16;

    private const string PointerPrefix = "current.", Pinned = " pinned";

    internal PersonalAdapters(string adapters, string owner)
    {
        if (!IsOwner(owner)) throw new ReverieException($"\"{SafeTensorsHeader.Printable(owner)}\" cannot be a user's name. Use 1 to {LongestOwner} letters, digits, -, _, . or @.");
        (Owner, Folder) = (owner, Path.Combine(adapters, FolderName(owner)));
    }

    private PersonalAdapters(string folder) => (Owner, Folder) = (Company, folder);

    /// <summary>Whose they are.</summary>
    public string Owner { get; }

    /// <summary>Where they are; it need not be there yet.</summary>
    public string Folder { get; }

    /// <summary>The numbers of those that are there, oldest first.</summary>
    public IReadOnlyList<int> Numbers => !Directory.Exists(Folder) ? [] :
        [.. Directory.GetDirectories(Folder).Select(f => NumberOf(Path.GetFileName(f))).OfType<int>().Where(Has).Order()];

    /// <summary>The pointers of all models, by the first digits of the models' ids.</summary>
    /// <exception cref="ReverieException">One is damaged.</exception>
    public IReadOnlyDictionary<string, AdapterPointer> Pointers => !Directory.Exists(Folder) ? new Dictionary<string, AdapterPointer>() :
        Directory.GetFiles(Folder, PointerPrefix + "*").Where(f => Path.GetFileName(f).Length == PointerPrefix.Length + IdDigits).ToDictionary(f => Path.GetFileName(f)[PointerPrefix.Length..], Read);

    /// <summary>Whether a text can be an owner's name; what is true of it says nothing about whether she has adapters.</summary>
    public static bool IsOwner(string text) => text.Length is > 0 and <= LongestOwner && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@');

    /// <summary>The adapters of everybody who works in a workspace, <c>company/&lt;n&gt;/</c>; in all else as one person's.</summary>
    internal static PersonalAdapters OfCompany(string root) => new(Path.Combine(root, CompanyFolder));

    /// <summary>The number in the name of an adapter or of its folder; null where it is none as we write them.</summary>
    public static int? NumberOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 && text == number.ToString(CultureInfo.InvariantCulture) ? number : null;

    /// <summary>The name by which a model is asked for with an adapter: <c>owner/3</c>.</summary>
    public string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Owner}{Separator}{number}");

    /// <summary>Where an adapter is or would be.</summary>
    public string FolderOf(int number) => Path.Combine(Folder, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>Whether there is an adapter of this number.</summary>
    public bool Has(int number) => number > 0 && File.Exists(Path.Combine(FolderOf(number), Adapter.ConfigFileName));

    /// <summary>What a model wears for her; nothing where there is no pointer, or where the adapter that it names is gone.</summary>
    /// <param name="modelId"><see cref="Lineage.Id"/> of the model.</param>
    /// <exception cref="ReverieException">The pointer is damaged.</exception>
    public AdapterPointer Current(string modelId)
    {
        string path = PointerFile(modelId);
        if (!File.Exists(path)) return default;
        AdapterPointer pointer = Read(path);
        return pointer.Number == 0 || Has(pointer.Number) ? pointer : default;
    }

    /// <summary>Says what a model wears for her from now on, atomically.</summary>
    /// <param name="modelId"><see cref="Lineage.Id"/> of the model.</param>
    /// <param name="pointer">An adapter that was made for the model, or 0.</param>
    /// <exception cref="ReverieException">There is no such adapter, or the file cannot be written.</exception>
    public void SetCurrent(string modelId, AdapterPointer pointer)
    {
        if (pointer.Number != 0 && !Has(pointer.Number)) throw new ReverieException($"{Owner} has no adapter {pointer.Number} in {Folder}.");
        Write(PointerFile(modelId), pointer);
    }

    /// <summary>Takes an adapter off every model that wears it.</summary>
    /// <exception cref="ReverieException">A pointer is damaged or cannot be written.</exception>
    public void TakeOff(int number)
    {
        foreach ((string id, AdapterPointer pointer) in Pointers)
            if (pointer.Number == number) Write(Path.Combine(Folder, PointerPrefix + id), default);
    }

    private string PointerFile(string modelId) => modelId.Length >= IdDigits && modelId.All(char.IsAsciiHexDigitLower)
        ? Path.Combine(Folder, PointerPrefix + modelId[..IdDigits])
        : throw new ReverieException($"\"{SafeTensorsHeader.Printable(modelId)}\" is no model's id. Take it from the model's {Lineage.FileName}.");

    private static void Write(string path, AdapterPointer pointer) =>
        AtomicFile.WriteText(path, string.Create(CultureInfo.InvariantCulture, $"{pointer.Number}{(pointer.IsPinned ? Pinned : "")}\n"));

    private static AdapterPointer Read(string path)
    {
        string text = File.ReadAllText(path).TrimEnd('\n');
        bool isPinned = text.EndsWith(Pinned, StringComparison.Ordinal);
        string number = isPinned ? text[..^Pinned.Length] : text;
        return number == "0" ? new AdapterPointer(0, isPinned)
            : NumberOf(number) is { } known ? new AdapterPointer(known, isPinned)
            : throw new ReverieException($"{path} names no adapter. Write a number into it, or 0 for the model alone.");
    }

    /// <summary>The name of the owner's folder: no two owners have the same, also where a file system takes capitals for small letters, and none begins or ends with a dot.</summary>
    private static string FolderName(string owner) => string.Concat(owner.Select((c, i) =>
        char.IsAsciiLetterUpper(c) || (c == '.' && (i == 0 || i == owner.Length - 1)) ? $"%{(int)c:X2}" : c.ToString()));

    /// <summary>Whose folder a name is; null where it is nobody's.</summary>
    internal static string? OwnerOf(string folder)
    {
        string owner = Uri.UnescapeDataString(folder);
        return IsOwner(owner) && FolderName(owner) == folder ? owner : null;
    }
}
