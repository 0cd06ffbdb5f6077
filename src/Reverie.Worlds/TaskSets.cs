using System.Globalization;
using System.Reflection;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>All built-in task sets. A public class that implements <see cref="ITaskSet"/> is one of them: adding a set takes one file.</summary>
/// <remarks>The arguments of a set's constructor are its dials, and a name may set them: <c>worked-arithmetic:operation=add,digits=3</c>.</remarks>
public static class TaskSets
{
    /// <summary>Every set that needs no arguments, by name, its dials as they come.</summary>
    public static IReadOnlyList<ITaskSet> All { get; } = [.. Constructors().Where(c => c.GetParameters().All(p => p.HasDefaultValue)).Select(c => Make(c, [])).OrderBy(s => s.Name, StringComparer.Ordinal)];

    /// <summary>The set of a name, with dials after a colon where there are any. A set that needs arguments is named as its class in small letters: <c>gsm8k:path=train.jsonl</c>.</summary>
    /// <exception cref="ReverieException">There is no such set or dial; the message lists those there are.</exception>
    public static ITaskSet Find(string name)
    {
        string[] parts = name.Split(':', 2);
        ITaskSet? plain = All.Concat(Primer.Exams).FirstOrDefault(s => s.Name == parts[0]);
        if (plain is not null && parts.Length == 1) return plain;
        ConstructorInfo constructor = Constructors().FirstOrDefault(c => c.DeclaringType == plain?.GetType() || (plain is null && string.Equals(c.DeclaringType!.Name, parts[0], StringComparison.OrdinalIgnoreCase)))
            ?? throw new ReverieException($"There is no task set {parts[0]}. There are: {string.Join(", ", All.Select(s => s.Name))}; and of files: gsm8k:path=FILE, questions:path=FILE.");
        var dials = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string dial in parts.Length == 1 ? [] : parts[1].Split(','))
        {
            string[] pair = dial.Split('=', 2);
            if (pair.Length < 2 || constructor.GetParameters().All(p => !string.Equals(p.Name, pair[0], StringComparison.OrdinalIgnoreCase))) throw Unclear(constructor, name);
            dials[pair[0]] = pair[1];
        }

        return Make(constructor, dials);
    }

    /// <summary>The name of a set together with those dials that are not as they come.</summary>
    internal static string Named(string name, params (string Dial, object Value, object Usual)[] dials)
    {
        string[] turned = [.. dials.Where(d => !d.Value.Equals(d.Usual)).Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Dial}={d.Value}").ToLowerInvariant())];
        return turned.Length == 0 ? name : $"{name}:{string.Join(',', turned)}";
    }

    private static IEnumerable<ConstructorInfo> Constructors() => typeof(TaskSets).Assembly.GetExportedTypes()
        .Where(t => t is { IsClass: true, IsAbstract: false } && typeof(ITaskSet).IsAssignableFrom(t)).Select(t => t.GetConstructors()[0]);

    private static ITaskSet Make(ConstructorInfo constructor, Dictionary<string, string> dials)
    {
        try
        {
            return (ITaskSet)constructor.Invoke([.. constructor.GetParameters().Select(p => dials.TryGetValue(p.Name!, out string? text) ? Value(p.ParameterType, text)
                : p.HasDefaultValue ? p.DefaultValue : throw new FormatException())]);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw Unclear(constructor, string.Join(',', dials.Select(d => $"{d.Key}={d.Value}")));
        }
        catch (TargetInvocationException e) when (e.InnerException is ReverieException inner)
        {
            throw new ReverieException(inner.Message, inner);
        }
    }

    private static object Value(Type type, string text) => type.IsEnum ? Enum.Parse(type, text, ignoreCase: true) : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);

    private static ReverieException Unclear(ConstructorInfo constructor, string given) =>
        new($"The dials \"{given}\" do not fit. This set has: {string.Join(", ", constructor.GetParameters().Select(p => $"{p.Name}={(p.ParameterType.IsEnum ? string.Join('|', Enum.GetNames(p.ParameterType)).ToLowerInvariant() : p.ParameterType.Name.ToLowerInvariant())}"))}.");
}
