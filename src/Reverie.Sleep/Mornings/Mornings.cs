using System.Globalization;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// The mornings of one person: what each night made of her adapter, and which of them a model wears. Processes may change them at the same
/// time, and one that is killed leaves what was there before or what it wanted; its half-written files go at the next change.
/// </summary>
public sealed class Mornings
{
    /// <summary>How many <see cref="Prune"/> keeps where nothing is said.</summary>
    public const int Kept = 30;

    private const string LastFile = "last", LockFile = "lock", NightFile = "night";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10), _pause = TimeSpan.FromMilliseconds(10);

    private readonly PersonalAdapters _adapters;

    /// <summary>Opens the mornings of a person; nothing is created until a night asks for <see cref="Next"/>.</summary>
    /// <param name="workspace">Where they are.</param>
    /// <param name="owner">Whose: 1 to 64 letters, digits, -, _, . or @.</param>
    /// <exception cref="ReverieException">The name cannot be a user's.</exception>
    public Mornings(Workspace workspace, string owner) : this(workspace.AdaptersOf(owner)) { }

    private Mornings(PersonalAdapters adapters) => _adapters = adapters;

    /// <summary>Opens the company's mornings: those that everybody's stand on.</summary>
    /// <param name="workspace">Where they are.</param>
    public static Mornings OfCompany(Workspace workspace) => new(workspace.CompanyAdapters);

    /// <summary>Whose they are.</summary>
    public string Owner => _adapters.Owner;

    /// <summary>How commands are told whose they are.</summary>
    private string Flag => Owner == PersonalAdapters.Company ? "--company" : $"--user {Owner}";

    /// <summary>Those that are there, newest first; a damaged one is left out until somebody asks for it.</summary>
    /// <param name="baseId">Only those that were made for this model; null for all.</param>
    /// <exception cref="ReverieException">A pointer is damaged.</exception>
    public IReadOnlyList<Morning> List(string? baseId = null) =>
        [.. _adapters.Numbers.Reverse().Where(IsWhole).Select(Read).Where(m => baseId is null || m.BaseId == baseId)];

    /// <summary>The morning that a model wears; null for the model alone.</summary>
    /// <exception cref="ReverieException">The pointer or the morning is damaged.</exception>
    public Morning? Current(string baseId) => _adapters.Current(baseId).Number is > 0 and int number ? Read(number) : null;

    /// <summary>Whether nights leave what a model wears as it is, be it a morning or the model alone.</summary>
    /// <exception cref="ReverieException">The pointer is damaged.</exception>
    public bool IsPinned(string baseId) => _adapters.Current(baseId).IsPinned;

    /// <summary>Number and folder for the next morning. The number is taken from now on, whether a morning comes of it or not.</summary>
    /// <exception cref="ReverieException">The workspace cannot be written.</exception>
    public (int Number, string Folder) Next()
    {
        using FileStream alone = Lock();
        int number = Last() + 1;
        WriteLast(number);
        return (number, _adapters.FolderOf(number));
    }

    /// <summary>Makes a morning the one that its model wears, unless another was pinned.</summary>
    /// <exception cref="ReverieException">Another, or the model alone, is pinned; or the morning is not there or damaged. The pointer is as it was.</exception>
    public Morning Promote(int number)
    {
        using FileStream alone = Lock();
        string baseId = Verify(number, null);
        AdapterPointer current = _adapters.Current(baseId);
        if (current.IsPinned && current.Number != number)
            throw new ReverieException($"{(current.Number == 0 ? "The model alone" : $"Morning {current.Number}")} is pinned for {Owner}, so morning {number} stays beside it. To let new mornings speak: reverie models pin none {Flag}");
        if (current.Number != number) _adapters.SetCurrent(baseId, new AdapterPointer(number));
        return Read(number);
    }

    /// <summary>Makes a morning the one that a model wears until she says otherwise.</summary>
    /// <param name="baseId">The model.</param>
    /// <param name="number">The morning; 0 for the model alone.</param>
    /// <returns>The morning; null for the model alone.</returns>
    /// <exception cref="ReverieException">It is not there, was made for another model, or is not what it was: the pointer is as it was.</exception>
    public Morning? Pin(string baseId, int number)
    {
        using FileStream alone = Lock();
        return Wear(baseId, new AdapterPointer(number, IsPinned: true));
    }

    /// <summary>Lets new mornings take the place of what a model wears.</summary>
    /// <exception cref="ReverieException">The pointer is damaged or cannot be written.</exception>
    public void Unpin(string baseId)
    {
        using FileStream alone = Lock();
        if (_adapters.Current(baseId) is { IsPinned: true, Number: var number }) _adapters.SetCurrent(baseId, new AdapterPointer(number));
    }

    /// <summary>Makes an earlier morning the one that a model wears, bit for bit as it was; one that was pinned gives its pin to it.</summary>
    /// <param name="baseId">The model.</param>
    /// <param name="number">The morning, 0 for the model alone; null for the one before the current one.</param>
    /// <returns>The morning; null for the model alone.</returns>
    /// <exception cref="ReverieException">It is not there, was made for another model, or is not what it was: the pointer is as it was.</exception>
    public Morning? Rewind(string baseId, int? number = null)
    {
        using FileStream alone = Lock();
        AdapterPointer current = _adapters.Current(baseId);
        if (number is null && current.Number == 0) throw new ReverieException($"{Owner} is answered by the model alone: there is nothing before it. To go to a morning, name its number.");
        return Wear(baseId, current with { Number = number ?? List(baseId).Select(m => m.Number).FirstOrDefault(n => n < current.Number) });
    }

    /// <summary>Erases the oldest mornings. What a model wears stays, however old it is.</summary>
    /// <param name="keep">How many of the newest stay.</param>
    /// <returns>The numbers of those that were erased.</returns>
    /// <exception cref="ReverieException">A pointer is damaged, or one cannot be erased.</exception>
    public IReadOnlyList<int> Prune(int keep = Kept)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        if (!Directory.Exists(_adapters.Folder)) return [];
        using FileStream alone = Lock();
        HashSet<int> worn = [.. _adapters.Pointers.Values.Select(p => p.Number)];
        int[] old = [.. _adapters.Numbers.Reverse().Skip(keep).Where(n => !worn.Contains(n))];
        foreach (int number in old) Erase(number);
        return old;
    }

    /// <summary>Erases a morning; a model that wears it speaks alone from then on, and takes new ones again if it was pinned.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="ReverieException">A pointer is damaged, or it cannot be erased.</exception>
    public bool Delete(int number)
    {
        if (!Directory.Exists(_adapters.Folder)) return false;
        using FileStream alone = Lock();
        if (number < 1 || !Directory.Exists(_adapters.FolderOf(number))) return false;
        _adapters.TakeOff(number);
        Erase(number);
        return true;
    }

    private Morning? Wear(string baseId, AdapterPointer pointer)
    {
        if (pointer.Number != 0) Verify(pointer.Number, baseId);
        _adapters.SetCurrent(baseId, pointer);
        return pointer.Number == 0 ? null : Read(pointer.Number);
    }

    /// <summary>Compares a morning with its hashes.</summary>
    /// <returns>The model that it was made for.</returns>
    private string Verify(int number, string? baseId)
    {
        if (!_adapters.Has(number)) throw new ReverieException($"{Owner} has no morning {number}. To see those that are there: reverie mornings {Flag}");
        Morning morning = Read(number);
        if (baseId is not null && morning.BaseId != baseId) throw new ReverieException($"Morning {number} of {Owner} was made for another model. To see which: reverie mornings {Flag}");
        Checkpoint.Verify(morning.Folder);
        return morning.BaseId;
    }

    private Morning Read(int number)
    {
        Lineage lineage = ReadLineage(number);
        AdapterPointer current = _adapters.Current(lineage.Parent!);
        return new Morning(Owner, number, _adapters.FolderOf(number), lineage.Parent!, lineage.Id, lineage.Beneath, lineage.Created, current.Number == number, current.Number == number && current.IsPinned);
    }

    private Lineage ReadLineage(int number) =>
        Checkpoint.ReadLineage(_adapters.FolderOf(number)) is { Parent: not null } lineage && Adapter.FileNames.All(lineage.Files.ContainsKey) ? lineage
            : throw new ReverieException($"{_adapters.FolderOf(number)} does not say what it is and which model it was made for, so it is no morning. Delete it.");

    private bool IsWhole(int number)
    {
        try
        {
            return ReadLineage(number) is not null;
        }
        catch (ReverieException)
        {
            return false;
        }
    }

    private void Erase(int number)
    {
        // A number that was seen once is not given again.
        WriteLast(Last());
        AtomicFolder.Delete(_adapters.FolderOf(number));
    }

    private string At(string file) => Path.Combine(_adapters.Folder, file);

    /// <summary>The highest number that was ever given.</summary>
    private int Last()
    {
        string path = At(LastFile);
        int given = 0;
        if (File.Exists(path) && !int.TryParse(File.ReadAllText(path).TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out given))
            throw new ReverieException($"{path} holds no number. Write into it the highest number that a morning of {Owner} ever had.");
        return _adapters.Numbers.Append(given).Max();
    }

    private void WriteLast(int number) => AtomicFile.WriteText(At(LastFile), string.Create(CultureInfo.InvariantCulture, $"{number}\n"));

    /// <summary>Keeps other nights and forgettings of this owner from beginning, in this process and in others, until it is disposed of. A process that is killed lets go.</summary>
    /// <exception cref="ReverieException">One goes on, or the workspace cannot be written.</exception>
    internal IDisposable BeginNight()
    {
        try
        {
            Directory.CreateDirectory(_adapters.Folder);
            return new FileStream(At(NightFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"A night or a forgetting of {Owner} goes on already, or {_adapters.Folder} cannot be written. Try again when it is over.", e);
        }
    }

    /// <summary>Keeps other processes, and other threads of this one, from changing anything until it is disposed of. A process that is killed lets go.</summary>
    private FileStream Lock()
    {
        FileStream? alone = null;
        try
        {
            Directory.CreateDirectory(_adapters.Folder);
            for (DateTime end = DateTime.UtcNow + _patience; alone is null;)
            {
                try
                {
                    // The file stays: where one deletes it, two others can hold one each.
                    alone = new FileStream(At(LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
                }
                catch (IOException) when (DateTime.UtcNow < end)
                {
                    Thread.Sleep(_pause);
                }
            }

            AtomicFolder.CleanUp(_adapters.Folder);
            return alone;
        }
        catch (Exception e)
        {
            alone?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new ReverieException($"Cannot change the mornings in {_adapters.Folder}: {e.Message.TrimEnd('.')}. Wait for the process that does, or choose a workspace that you may write to.", e);
            throw;
        }
    }
}
