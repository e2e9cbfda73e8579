package page

// Warning is a warning on the form of a deletion or a re-issue. Its values are form values: the form sends the warnings
// that it showed.
type Warning string

// The warnings.
const (
	LastOwner         Warning = "last-owner"      // only the account holder will have Owner afterwards
	ConsoleKeyUnknown Warning = "own-key-unknown" // the console key may belong to the subuser
	KeysRemain        Warning = "keys"            // the subuser has keys, or may have some
)
